import { expect, test } from 'vitest';
import { newTotpSecret, totpStep, totpUri } from './one-time-codes.ts';

/** RFC 6238, appendix B: the secret of its SHA-1 examples, whose codes end in these six digits. */
const SECRET = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ';

test.each([
  [59, '287082', 1],
  [1_111_111_109, '081804', 37_037_036],
  [1_234_567_890, '005924', 41_152_263],
  [2_000_000_000, '279037', 66_666_666],
])('at %i s the code %s is right', (seconds, code, step) => {
  expect(totpStep(SECRET, code, seconds * 1_000)).toBe(step);
});

test('a code is right one period early and late, and names its own step; not any further', () => {
  const at = (seconds: number) => totpStep(SECRET, '005924', (1_234_567_890 + seconds) * 1_000);
  expect([at(-30), at(0), at(30)]).toEqual([41_152_263, 41_152_263, 41_152_263]);
  expect([at(-60), at(60)]).toEqual([undefined, undefined]);
});

test('spaces in a code do not matter, anything else does', () => {
  const at = (code: string) => totpStep(SECRET, code, 1_234_567_890_000);
  expect(at('005 924')).toBe(41_152_263);
  for (const wrong of ['', '005925', '5924', '00592a', '0005924', '٠٠٥٩٢٤'])
    expect(at(wrong)).toBeUndefined();
});

test('secrets have 160 bits and differ; apps are told the name', () => {
  const [one, other] = [newTotpSecret(), newTotpSecret()];
  expect(one).toMatch(/^[A-Z2-7]{32}$/);
  expect(one).not.toBe(other);
  expect(totpUri(one, 'jo@example.com')).toBe(
    `otpauth://totp/Live%20Feed:jo%40example.com?issuer=Live%20Feed&secret=${one}&algorithm=SHA1&digits=6&period=30`,
  );
});
