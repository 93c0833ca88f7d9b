import { expect, test } from 'vitest';
import { readIdempotencyKey } from './idempotency-key.ts';

test.each([
  [undefined, undefined],
  ['order-7', 'order-7'],
  ['"order-7"', 'order-7'],
  ['"a \\"b\\" \\\\c"', 'a "b" \\c'],
  ['"', '"'],
  [`"${'x'.repeat(255)}"`, 'x'.repeat(255)],
])('%j is the key %j', (header, key) => {
  expect(readIdempotencyKey(header)).toBe(key);
});

test.each(['', '""', 'x'.repeat(256), `"${'x'.repeat(256)}"`])('no key: %j', (header) => {
  expect(() => readIdempotencyKey(header)).toThrow('1 to 255 characters');
});
