import { expect, test } from 'vitest';
import { credentialsCheck, MIN_PASSWORD_LENGTH } from './credentials.ts';

const password = 'correct horse battery';

test('lets in with user and password, and with nothing else', () => {
  const isRight = credentialsCheck({ user: 'ops', password });
  expect(isRight({ user: 'ops', password })).toBe(true);
  expect(isRight({ user: 'ops', password: '' })).toBe(false);
  expect(isRight({ user: 'ops', password: `${password} ` })).toBe(false);
  expect(isRight({ user: 'Ops', password })).toBe(false);
  expect(isRight({ user: '', password: '' })).toBe(false);
});

test('refuses to work with an empty or short password', () => {
  for (const short of ['', 'x'.repeat(MIN_PASSWORD_LENGTH - 1)]) {
    expect(() => credentialsCheck({ user: 'ops', password: short })).toThrow(RangeError);
  }
});

test('refuses a user that cannot be sent', () => {
  for (const user of ['', 'o:ps']) expect(() => credentialsCheck({ user, password })).toThrow(RangeError);
});
