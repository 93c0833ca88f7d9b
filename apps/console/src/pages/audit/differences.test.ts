import { expect, test } from 'vitest';
import { differences } from './differences.ts';

test('names what differs, and nothing else', () => {
  const before = { role: 'viewer', company: 'Acme', limits: { rate: '10/s', daily: 5 }, disabled: false };
  const after = { role: 'admin', company: 'Acme', limits: { rate: '10/s', daily: 9 }, disabled: true };
  expect(differences(before, after)).toEqual([
    { member: 'role', before: 'viewer', after: 'admin' },
    { member: 'limits.daily', before: '5', after: '9' },
    { member: 'disabled', before: 'no', after: 'yes' },
  ]);
});

test('what was not there before, or is gone', () => {
  expect(differences(null, { added: ['1', '2'] })).toEqual([
    { member: 'added', before: undefined, after: '1, 2' },
  ]);
  expect(differences({ label: 'A', cap: null }, null)).toEqual([
    { member: 'label', before: 'A', after: undefined },
    { member: 'cap', before: 'none', after: undefined },
  ]);
  expect(differences(null, null)).toEqual([]);
});

test('a long list of members is cut', () => {
  const many = Object.fromEntries(Array.from({ length: 200 }, (_, n) => [`m${n}`, n]));
  expect(differences({}, many)).toHaveLength(50);
});
