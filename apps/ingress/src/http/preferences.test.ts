import { expect, test } from 'vitest';
import { prefersDryRun, readPreference } from './preferences.ts';

const LONGEST_MS = 25_000;

test.each([
  ['respond-async', 0, 'respond-async'],
  ['Respond-Async', 0, 'respond-async'],
  ['wait=5', 5_000, 'wait=5'],
  ['wait = "5"', 5_000, 'wait=5'],
  ['wait=0', 0, 'wait=0'],
  ['wait=60', 25_000, 'wait=25'],
  ['wait=99999999999999999999', 25_000, 'wait=25'],
  ['respond-async, wait=10', 10_000, 'respond-async, wait=10'],
  ['wait=10; foo="a;b", return=minimal, respond-async', 10_000, 'respond-async, wait=10'],
  ['wait=3, wait=9', 3_000, 'wait=3'],
  ['wait=soon, respond-async', 0, 'respond-async'],
  ['foo="a, wait=3, b\\", wait=4", wait=5', 5_000, 'wait=5'],
  ['wait="\\5"', 5_000, 'wait=5'],
])('%s', (header, waitMs, applied) => {
  expect(readPreference(header, LONGEST_MS)).toEqual({ waitMs, applied });
});

test.each([
  ...[undefined, '', ',', 'return=minimal', 'wait', 'wait=', 'wait=-1', 'wait=1.5', 'async', '=5'],
  ...['foo="a, respond-async, b"', 'foo="a, wait=3', '"respond-async"', 'foo="\\"', '"\\'],
])('what asks for nothing of ours is ignored: %j', (header) => {
  expect(readPreference(header, LONGEST_MS)).toBeUndefined();
});

test.each([
  ['handling=dry-run', true],
  ['respond-async, Handling = "Dry-Run"; foo', true],
  ['foo="a, handling=lenient, b", handling=dry-run', true],
  ['foo="a, handling=dry-run, b"', false],
  ['handling=strict, handling=dry-run', false],
])('%s: a dry run is preferred: %s', (header, prefers) => {
  expect(prefersDryRun(header)).toBe(prefers);
});

test('a header of quotes is read in no time', () => {
  for (const text of ['"\\'.repeat(8_000), '"'.repeat(16_001), 'a"\\",'.repeat(4_000)])
    expect(readPreference(text, LONGEST_MS)).toBeUndefined();
});
