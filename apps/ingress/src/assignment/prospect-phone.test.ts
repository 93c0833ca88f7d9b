import { expect, test } from 'vitest';
import { readProspectPhone } from './prospect-phone.ts';

test.each([
  ['5551234567', '5551234567'],
  ['+1 (555) 123-4567', '5551234567'],
  ['15551234567', '5551234567'],
  // No US area code begins with 0 or 1.
  ['0551234567', null],
  ['447700900123', null],
  ['+44 7700 900 123', null],
  ['123456789012345', null],
])('%s is a prospect’s phone', (text, phone) => {
  expect(readProspectPhone(text)).toEqual({ ok: true, phone });
});

test.each(['', '555123456', '1234567890123456', 'Jane', '5551234567 ext. 12', '+4477009001x3', '--'])(
  '%j is none, and is not repeated',
  (text) => {
    const reading = readProspectPhone(text);
    expect(reading).toEqual({ ok: false, reason: expect.stringContaining('10 to 15 digits') });
  },
);
