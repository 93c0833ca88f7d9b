import type { RateWindow } from '../directory/dialer-settings.ts';

/** A token bucket: permits for `burst` calls at once after a rest, and `ratePerMs` in the long run. */
export interface Bucket {
  /** A whole number, at least 1; `Infinity` where nothing limits. */
  readonly burst: number;
  /** Permits per millisecond; `Infinity` where nothing limits. */
  readonly ratePerMs: number;
}

export const UNLIMITED: Bucket = {
  burst: Number.POSITIVE_INFINITY,
  ratePerMs: Number.POSITIVE_INFINITY,
};

/** Between its permit and its arrival a call is under way for at most this long; see `bucketFor`. */
export const JITTER_MS = 1_000;

/** The part of the rate that is kept whatever the burst costs. */
const RATE_KEPT = 0.9;

/** Larger than what floating point gets wrong, smaller than the digits that are dropped. */
const ROUNDING = 1e-9;

/**
 * The one bucket under which no window is ever broken, even though calls that are permitted one after the other may arrive
 * bunched together.
 *
 * A bucket gives at most ⌊B + r·t⌋ permits in any stretch of length t. Calls that arrive within a window of length w had
 * their permits within w + J. So the windows (n, w) hold if ⌊B + r·(w + J)⌋ ≤ n for each of them, that is r < (n + 1 − B) / (w + J).
 *
 * Burst and rate are bought with each other. The rate is what carries a full load, the burst is what spares a lone lead the wait, so:
 * **the largest burst that leaves nine tenths of the rate at a burst of one**, then the highest rate that goes with it, down to three digits. For
 * RingCX's 30 per 10 s and 120 per 60 s that is B = 11 and r = 1.8/s. Up to there a token of burst costs 1/61 per second (the long window's price);
 * from the twelfth on, the short window's 1/11.
 *
 * @param jitterMs J: the most by which the delays from permit to arrival may differ
 * @throws RangeError if a window lets nothing through or has no length
 */
export function bucketFor(windows: readonly RateWindow[], jitterMs: number = JITTER_MS): Bucket {
  for (const { requests, perMs } of windows) {
    if (!Number.isInteger(requests) || requests < 1 || !(perMs > 0)) {
      throw new RangeError(`A rate window of ${requests} requests in ${perMs} ms permits nothing.`);
    }
  }
  if (windows.length === 0) return UNLIMITED;
  const leastRate = RATE_KEPT * rateBound(windows, jitterMs, 1);
  const mostBurst = windows.map(({ requests, perMs }) => requests + 1 - leastRate * (perMs + jitterMs));
  const burst = Math.floor(Math.min(...mostBurst) + ROUNDING);
  return { burst, ratePerMs: threeDigitsBelow(rateBound(windows, jitterMs, burst)) };
}

/** Per millisecond; every rate below it keeps all windows. */
function rateBound(windows: readonly RateWindow[], jitterMs: number, burst: number): number {
  return Math.min(...windows.map(({ requests, perMs }) => (requests + 1 - burst) / (perMs + jitterMs)));
}

/** The bound itself must not be reached; what is dropped is less than a hundredth. */
function threeDigitsBelow(bound: number): number {
  const unit = 10 ** (Math.floor(Math.log10(bound)) - 2);
  const digits = Math.floor((bound / unit) * (1 - ROUNDING));
  return Number((digits * unit).toPrecision(3));
}
