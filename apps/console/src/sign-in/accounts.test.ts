import { expect, test } from 'vitest';
import { accountCheck } from './accounts.ts';

const check = accountCheck([
  { user: 'ops', password: 'correct horse battery', role: 'operator' },
  { user: 'eyes', password: 'staple of the viewers', role: 'viewer' },
]);

test('says who it is, and in which role', () => {
  expect(check('ops', 'correct horse battery')).toEqual({ user: 'ops', role: 'operator' });
  expect(check('eyes', 'staple of the viewers')).toEqual({ user: 'eyes', role: 'viewer' });
});

test.each([
  ['no password', 'ops', ''],
  ['a password with a space too many', 'ops', 'correct horse battery '],
  ['another case', 'Ops', 'correct horse battery'],
  ['nobody', '', ''],
  ["another's password", 'ops', 'staple of the viewers'],
  ["an operator's password", 'eyes', 'correct horse battery'],
])('knows nobody with %s', (_case, user, password) => {
  expect(check(user, password)).toBeUndefined();
});
