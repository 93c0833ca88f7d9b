import { expect, test } from 'vitest';
import { strongRandomBytes } from './random-bytes.ts';

test('no byte is handed out twice', () => {
  const seen = new Set(Array.from({ length: 5_000 }, () => strongRandomBytes(12).toString('hex')));
  expect(seen.size).toBe(5_000);
});

test('what was handed out does not change under its owner', () => {
  const first = strongRandomBytes(16);
  const before = first.toString('hex');
  for (let n = 0; n < 2_000; n += 1) strongRandomBytes(16);
  expect(first.toString('hex')).toBe(before);
});

test.each([0, 1, 8_192, 8_193, 100_000])('%i bytes are that many', (length) => {
  expect(strongRandomBytes(length)).toHaveLength(length);
});
