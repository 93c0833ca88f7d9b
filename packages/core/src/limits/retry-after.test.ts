import { expect, it } from 'vitest';
import { parseRetryAfter } from './retry-after.ts';

const NOW = Date.UTC(2026, 0, 2, 3, 4, 5);

it.each([
  ['7', 7_000],
  [' 7 ', 7_000],
  ['3600', 3_600_000],
  ['99999999999999999999', 3_600_000],
  ['Fri, 02 Jan 2026 03:04:35 GMT', 30_000],
  ['Sat, 03 Jan 2026 03:04:05 GMT', 3_600_000],
  [undefined, undefined],
  ['', undefined],
  ['0', undefined],
  ['-1', undefined],
  ['1.5', undefined],
  ['soon', undefined],
  ['Fri, 02 Jan 2026 03:04:05 GMT', undefined],
  ['Thu, 01 Jan 1970 00:00:00 GMT', undefined],
  ['Fri, 99 Foo 2026 03:04:35 GMT', undefined],
])('%j asks for a wait of %j ms', (header, waitMs) => {
  expect(parseRetryAfter(header, NOW)).toBe(waitMs);
});
