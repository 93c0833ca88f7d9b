import { expect, test } from 'vitest';
import { weaknessOf } from './password-weakness.ts';

test.each([
  ['', 'at least 12 characters'],
  ['short', 'at least 12 characters'],
  ['elevenchars', 'at least 12 characters'],
  ['aaaaaaaaaaaaaaaa', 'different characters'],
  ['121212121212', 'different characters'],
  ['Password-2026-11', '"password"'],
  ['please-ChangeMe-now', '"changeme"'],
  ['live-feed-ops-team', '"live-feed"'],
  ['ops-1234567890', '"123456"'],
])('"%s" is refused', (password, why) => {
  expect(weaknessOf(password)).toContain(why);
});

test.each(['correct horse battery', '5f0c1b9a7e3d', 'Vq7-xk2_Lm9tZp'])('"%s" will do', (password) => {
  expect(weaknessOf(password)).toBeUndefined();
});
