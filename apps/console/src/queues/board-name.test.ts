import { expect, test } from 'vitest';
import { boardName } from './board-name.ts';

const dialer = {
  ...{ dialerId: '019a3f6e-7c1b-7d20-9a57-1f0c8e2b4d61', companyId: 'c', family: 'ringcx' },
  ...{ baseUrl: 'https://dialer.example', accountId: '1' },
};

test('is the company and the family', () => {
  expect(boardName({ ...dialer, companyName: 'Acme Solar' })).toBe('Acme Solar (ringcx)');
});

test('has nothing that would break an address, and is still nobody else’s', () => {
  expect(boardName({ ...dialer, companyName: '100% A/B #1?' })).toBe('100- A-B -1- (ringcx) 2b4d61');
});
