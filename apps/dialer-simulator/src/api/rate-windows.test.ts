import { expect, test } from 'vitest';
import { createRateWindows } from './rate-windows.ts';

const TEN_SECONDS = { requests: 3, perMs: 10_000 };
const MINUTE = { requests: 5, perMs: 60_000 };

test('a window slides: the oldest request makes room as it leaves, not the whole lot at once', () => {
  const windows = createRateWindows([TEN_SECONDS]);
  const at = (ms: number) => windows.take('a', ms);
  expect([at(0), at(4_000), at(8_000)]).toEqual([null, null, null]);
  expect(at(9_999)).toEqual({ window: TEN_SECONDS, earlyByMs: 1 });
  expect(at(10_000)).toBeNull();
  expect(at(10_001)).toEqual({ window: TEN_SECONDS, earlyByMs: 3_999 });
});

test('both windows hold', () => {
  const windows = createRateWindows([TEN_SECONDS, MINUTE]);
  for (const ms of [0, 1, 2, 20_000, 20_001]) expect(windows.take('a', ms)).toBeNull();
  expect(windows.take('a', 40_000)).toEqual({ window: MINUTE, earlyByMs: 20_000 });
  expect(windows.take('a', 60_000)).toBeNull();
});

test('each account has its own, and a refused request does not count', () => {
  const windows = createRateWindows([{ requests: 1, perMs: 100 }]);
  expect(windows.take('a', 0)).toBeNull();
  expect(windows.take('a', 99)).not.toBeNull();
  expect(windows.take('b', 99)).toBeNull();
  expect(windows.take('a', 100)).toBeNull();
});
