import { describe, expect, test } from 'vitest';
import { nextLookAt, pauseAfterFailure } from './read-back-schedule.ts';

const never = Number.NEGATIVE_INFINITY;

/** The looks at a lead, each made when it was planned. */
function looksAt(lead: { absentFrom: number; expected: boolean }, count: number): number[] {
  const looks: number[] = [];
  for (let n = 0; n < count; n += 1) looks.push(nextLookAt({ since: 0, ...lead }, looks.at(-1) ?? never));
  return looks;
}

describe('a lead is looked for', () => {
  test('at once, then ever more rarely, and when absence begins to count', () => {
    expect(looksAt({ absentFrom: 15_000, expected: true }, 8)).toEqual([
      0, 1_000, 3_000, 6_000, 9_000, 12_000, 15_000, 18_000,
    ]);
    expect(looksAt({ absentFrom: 2_300, expected: true }, 4)).toEqual([0, 1_000, 2_300, 3_000]);
  });

  test('when absence begins to count, if it is not expected to be there', () => {
    expect(looksAt({ absentFrom: 1_000, expected: false }, 3)).toEqual([1_000, 2_000, 4_000]);
  });

  test('again at once, if a timer fired a little before absence counted', () => {
    expect(nextLookAt({ since: 0, absentFrom: 2_300, expected: true }, 2_299.6)).toBe(2_300);
  });
});

describe('a read-back that says nothing', () => {
  test('is tried again after half a second, and ever more rarely up to two minutes', () => {
    const longest = (failures: number) => pauseAfterFailure(failures, 1);
    expect([1, 2, 3, 4, 5, 9, 10, 5_000].map(longest)).toEqual([
      500, 1_000, 2_000, 4_000, 8_000, 120_000, 120_000, 120_000,
    ]);
    expect(pauseAfterFailure(9, 0)).toBe(60_000);
  });

  test('asks fewer than fifteen times in the first ten minutes', () => {
    let passedMs = 0;
    let asked = 0;
    for (; passedMs < 600_000; asked += 1) passedMs += pauseAfterFailure(asked + 1, 0.5);
    expect(asked).toBeLessThan(15);
  });

  test('waits for as long as the dialing system asks, up to the longest pause', () => {
    expect(pauseAfterFailure(1, 0, 30_000)).toBe(30_000);
    expect(pauseAfterFailure(1, 0, 3_600_000)).toBe(120_000);
  });
});
