/** How attempts are spaced. */
export interface Backoff {
  /** The first delay's upper end, milliseconds. */
  readonly firstMs: number;
  readonly capMs: number;
}

/** Between attempts at one lead: 0.5 s doubling up to 5 minutes. */
export const ATTEMPT_BACKOFF: Backoff = { firstMs: 500, capMs: 300_000 };

/**
 * Exponential with full jitter, so that leads that failed together do not come back together.
 *
 * @param failures so far, from 1
 * @param random in [0, 1)
 * @returns milliseconds
 */
export function nextDelay(failures: number, random: number, backoff: Backoff = ATTEMPT_BACKOFF): number {
  const ceiling = Math.min(backoff.capMs, backoff.firstMs * 2 ** Math.max(0, failures - 1));
  return Math.round(ceiling * random);
}
