import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createReturnLine, LONGEST_S, type ReturnLine } from './return-line.ts';

/** Unix time of a whole second. */
const NOW_MS = 1_800_000_000_000;
const NOW_S = NOW_MS / 1_000;

function lineWith(...inS: readonly number[]): ReturnLine {
  const line = createReturnLine();
  for (const s of inS) line.expect(NOW_S + s);
  return line;
}

describe('who comes', () => {
  it('stays where there is room and nobody is expected', () => {
    expect(createReturnLine().earliest(NOW_MS, -1, 100)).toBe(0);
    expect(createReturnLine().earliest(NOW_MS, 0, 100)).toBe(0);
  });

  it('is told when there will be room, in whole seconds', () => {
    expect(createReturnLine().earliest(NOW_MS, 1, 100)).toBe(1);
    expect(createReturnLine().earliest(NOW_MS, 1_001, 100)).toBe(2);
  });

  it('does not take the room of those who were told to come', () => {
    const ten = Array.from({ length: 10 }, () => 1);
    expect(lineWith(...ten).earliest(NOW_MS, 0, 100)).toBe(0);
    expect(lineWith(...ten).earliest(NOW_MS, 0, 101)).toBe(2);
    expect(lineWith(...ten).earliest(NOW_MS, 1_500, 100)).toBe(3);
  });

  it('stays where they will find room all the same', () => {
    // There is a second of room before each of them needs its tenth of it.
    expect(lineWith(5, 5, 5).earliest(NOW_MS, -100, 100)).toBe(0);
    expect(lineWith(0, 0, 0).earliest(NOW_MS, -100, 100)).toBe(1);
  });

  it('counts who is overdue as here', () => {
    expect(lineWith(-3, -3).earliest(NOW_MS, 0, 600)).toBe(2);
  });

  it('is told nothing where there is no room for as long as anybody is told to wait', () => {
    expect(createReturnLine().earliest(NOW_MS, LONGEST_S * 1_000 + 1, 1)).toBeUndefined();
    expect(lineWith(1).earliest(NOW_MS, LONGEST_S * 1_000, 1)).toBeUndefined();
  });
});

it('forgets who has come, and nobody else', () => {
  const line = lineWith(1, 1, 2);
  line.forget(NOW_S + 1);
  line.forget(NOW_S + 7);
  expect(line.size).toBe(2);
  line.forget(NOW_S + 1);
  line.forget(NOW_S + 2);
  expect(line.size).toBe(0);
  expect(line.earliest(NOW_MS, 0, 1_000)).toBe(0);
});

describe('under overload', () => {
  /** A line of leads that drains at a rate, before which callers come at another: as a dialer does. */
  const scene = fc.record({
    perLeadMs: fc.integer({ min: 20, max: 400 }),
    overload: fc.integer({ min: 2, max: 6 }),
    seconds: fc.integer({ min: 1, max: 5 }),
    longestWaitMs: fc.integer({ min: 1_000, max: 25_000 }),
  });

  it('everybody who obeys gets in when told to come, and nobody waits for longer than may be', () => {
    fc.assert(
      fc.property(scene, ({ perLeadMs, overload, seconds, longestWaitMs }) => {
        const line = createReturnLine();
        const callers = Array.from(
          { length: Math.floor((seconds * 1_000 * overload) / perLeadMs) },
          (_, n) => ({
            comesMs: NOW_MS + Math.floor((n * perLeadMs) / overload),
            told: undefined as number | undefined,
          }),
        );
        // Full to the brim when they begin to come.
        let busyUntilMs = NOW_MS + longestWaitMs;
        while (callers.length > 0) {
          callers.sort((a, b) => a.comesMs - b.comesMs);
          const caller = callers.shift();
          if (caller === undefined) break;
          const nowMs = caller.comesMs;
          const waitMs = Math.max(0, busyUntilMs - nowMs) + perLeadMs;
          const overMs = waitMs - longestWaitMs;
          if (caller.told !== undefined) line.forget(caller.told);
          const inS = caller.told === undefined ? line.earliest(nowMs, overMs, perLeadMs) : 0;
          if (inS === 0) {
            // One who was told may come a second early, since seconds are whole, and use up that much of the margin.
            expect(overMs).toBeLessThanOrEqual(caller.told === undefined ? 0 : 1_000 + perLeadMs);
            busyUntilMs = Math.max(busyUntilMs, nowMs) + perLeadMs;
          } else {
            if (inS === undefined) continue;
            caller.told = Math.floor(nowMs / 1_000) + inS;
            line.expect(caller.told);
            callers.push({ ...caller, comesMs: nowMs + inS * 1_000 });
          }
        }
        expect(line.size).toBe(0);
      }),
      { seed: 1, numRuns: 100 },
    );
  });
});
