import { describe, expect, test } from 'vitest';
import { isDue, lifeOf, marginOf } from './token-life.ts';

function jwt(claims: unknown): string {
  return ['{"alg":"x"}', JSON.stringify(claims), 'signature']
    .map((part) => Buffer.from(part).toString('base64url'))
    .join('.');
}

describe('how long an access token lives', () => {
  test.each([
    ['the difference of its times, whatever our clock says', jwt({ iat: 1_000, exp: 1_300 }), 300_000],
    ['parts of a second count', jwt({ iat: 1_000.25, exp: 1_001.75 }), 1_500],
    ['an hour at most', jwt({ iat: 0, exp: 2_000_000_000 }), 3_600_000],
    ['the documented five minutes where it ends before it begins', jwt({ iat: 1_300, exp: 1_000 }), 300_000],
    ['or does not say', jwt({ exp: 1_000 }), 300_000],
    ['or is no JWT', 'opaque', 300_000],
    ['or is one of something else', jwt('claims'), 300_000],
  ])('%s', (_what, token, expected) => {
    expect(lifeOf(token)).toBe(expected);
  });
});

test('it is renewed from 60% of its life on, and not used in its last seconds', () => {
  expect(isDue({ lifeMs: 300_000, leftMs: 120_001 })).toBe(false);
  expect(isDue({ lifeMs: 300_000, leftMs: 120_000 })).toBe(true);
  expect([marginOf(300_000), marginOf(2_000)]).toEqual([5_000, 100]);
});
