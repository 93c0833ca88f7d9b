import { expect, it } from 'vitest';
import { startStopwatch, systemClock } from './clock.ts';

it('tells the time in whole milliseconds', () => {
  expect(Number.isInteger(systemClock.now())).toBe(true);
});

it('never runs backwards', () => {
  const stopwatch = startStopwatch();
  const readings = Array.from({ length: 1_000 }, () => stopwatch.elapsedMs());
  expect(readings).toEqual([...readings].sort((a, b) => a - b));
  expect(readings[0]).toBeGreaterThanOrEqual(0);
});
