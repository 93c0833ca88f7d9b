import { expect, it } from 'vitest';
import { openWindow, startStopwatch, systemClock } from './clock.ts';

it('tells the time in whole milliseconds', () => {
  expect(Number.isInteger(systemClock.now())).toBe(true);
});

it('never runs backwards', () => {
  const stopwatch = startStopwatch();
  const readings = Array.from({ length: 1_000 }, () => stopwatch.elapsedMs());
  expect(readings).toEqual([...readings].sort((a, b) => a - b));
  expect(readings[0]).toBeGreaterThanOrEqual(0);
});

it('closes a window when its time has passed by either clock: a suspended machine counts, too', () => {
  let nowMs = 1_000_000;
  const window = openWindow(60_000, { now: () => nowMs });
  expect(window.isOpen()).toBe(true);
  nowMs += 59_000;
  expect(window.isOpen()).toBe(true);
  nowMs += 1_000;
  expect(window.isOpen()).toBe(false);
});

it('keeps a window no longer open for a clock that is set back', () => {
  let nowMs = 1_000_000;
  const window = openWindow(0, { now: () => nowMs });
  nowMs -= 3_600_000;
  expect(window.isOpen()).toBe(false);
});
