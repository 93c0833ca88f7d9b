import type { RateWindow } from '@live-feed/core/directory/dialer-settings';
import { type Bucket, bucketFor, JITTER_MS } from '@live-feed/core/limits/rate-windows';
import { createRateWindows } from '@live-feed/dialer-simulator/api/rate-windows';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

/** What `packages/queue/src/limits/permits.ts` keeps in Redis, in its plainest form. */
function createGcra({ burst, ratePerMs }: Bucket) {
  const intervalMs = 1 / ratePerMs;
  let emptyUntilMs = Number.NEGATIVE_INFINITY;
  return {
    /** When the next permit can be had, at `nowMs` or later. */
    nextMs: (nowMs: number) => Math.max(nowMs, emptyUntilMs - (burst - 1) * intervalMs),
    take(atMs: number) {
      emptyUntilMs = Math.max(atMs, emptyUntilMs) + intervalMs;
    },
  };
}

interface Call {
  /** Between the call before and the wish for this one. */
  readonly restMs: number;
  /** Between its permit and its arrival. */
  readonly delayMs: number;
}

/** When the calls arrive, in order. */
function arrivals(bucket: Bucket, calls: readonly Call[]): number[] {
  const gcra = createGcra(bucket);
  let nowMs = 0;
  const arrived = calls.map(({ restMs, delayMs }) => {
    nowMs = gcra.nextMs(nowMs + restMs);
    gcra.take(nowMs);
    return nowMs + delayMs;
  });
  return arrived.sort((a, b) => a - b);
}

/** How many calls the dialing system's own sliding windows refuse. */
function refused(windows: readonly RateWindow[], arrivedMs: readonly number[]): number {
  const judge = createRateWindows(windows);
  return arrivedMs.filter((atMs) => judge.take('an account', atMs) !== null).length;
}

const RINGCX: readonly RateWindow[] = [
  { requests: 30, perMs: 10_000 },
  { requests: 120, perMs: 60_000 },
];

const anyWindows = fc.array(
  fc.record({ requests: fc.integer({ min: 1, max: 60 }), perMs: fc.integer({ min: 100, max: 60_000 }) }),
  { minLength: 1, maxLength: 3 },
);

/** Mostly as many calls as can be had, with rests that fill the bucket now and then. */
const restMs = fc.oneof(
  { weight: 8, arbitrary: fc.constant(0) },
  fc.double({ min: 0, max: 30_000, noNaN: true }),
);
/** Extremes break windows sooner than what lies between them. */
const delayMs = fc.oneof(fc.constantFrom(0, JITTER_MS), fc.double({ min: 0, max: JITTER_MS, noNaN: true }));
const anyCalls = fc.array(fc.record({ restMs, delayMs }), { minLength: 1, maxLength: 400, size: 'max' });

describe('a bucket made for rate windows', () => {
  it('breaks none of them, whatever is called when, with delays up to J', () => {
    fc.assert(
      fc.property(anyWindows, anyCalls, (windows, calls) => {
        expect(refused(windows, arrivals(bucketFor(windows), calls))).toBe(0);
      }),
      { numRuns: 500 },
    );
  });

  it("breaks none of RingCX's", () => {
    fc.assert(
      fc.property(anyCalls, (calls) => {
        expect(refused(RINGCX, arrivals(bucketFor(RINGCX), calls))).toBe(0);
      }),
      { numRuns: 500 },
    );
  });

  it('breaks none when a late crowd meets a punctual one', () => {
    // The worst there is: a full bucket and what follows, delayed so that all of it falls into one window.
    for (const windows of [
      RINGCX,
      [
        { requests: 15, perMs: 10_000 },
        { requests: 60, perMs: 30_000 },
      ],
    ]) {
      for (let punctualFrom = 0; punctualFrom < 150; punctualFrom += 1) {
        const calls = Array.from({ length: 200 }, (_, at) => ({
          restMs: 0,
          delayMs: at < punctualFrom ? JITTER_MS : 0,
        }));
        expect(refused(windows, arrivals(bucketFor(windows), calls))).toBe(0);
      }
    }
  });

  it('is as large as that allows: one more in the burst, or a fiftieth more of the rate, breaks a window', () => {
    // Whatever is permitted in the first second arrives at its end.
    const worst = (bucket: Bucket) => {
      const punctualMs = (at: number) => Math.max(0, at - bucket.burst + 1) / bucket.ratePerMs;
      const delays = Array.from({ length: 300 }, (_, at) => Math.max(0, JITTER_MS - punctualMs(at)));
      const calls = delays.map((delayMs) => ({ restMs: 0, delayMs }));
      return refused(RINGCX, arrivals(bucket, calls));
    };
    const bucket = bucketFor(RINGCX);
    expect(worst(bucket)).toBe(0);
    expect(worst({ ...bucket, burst: bucket.burst + 1 })).toBeGreaterThan(0);
    expect(worst({ ...bucket, ratePerMs: bucket.ratePerMs * 1.02 })).toBeGreaterThan(0);
  });
});
