import { expect, test } from 'vitest';
import { WaitingTimes } from './waiting-times.ts';

test('nobody waited', () => {
  const times = new WaitingTimes();
  times.addStillWaiting([]);
  expect(times.percentile(50)).toBeNull();
});

test('callers who are never answered count with the time that they waited', () => {
  const times = new WaitingTimes();
  for (let n = 0; n < 10; n += 1) times.add(20);
  times.addStillWaiting(Array.from({ length: 90 }, () => 5_000));
  expect(times.percentile(50)).toBeCloseTo(5_000, -1);
});

test('callers in the middle of an ordinary wait do not make it look shorter', () => {
  const times = new WaitingTimes();
  for (let n = 0; n < 100; n += 1) times.add(20);
  times.addStillWaiting(Array.from({ length: 100 }, () => 1));
  expect(times.percentile(1)).toBeCloseTo(20, 1);
});
