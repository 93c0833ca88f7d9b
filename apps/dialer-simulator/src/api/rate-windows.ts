/**
 * Sliding windows per account: in no stretch of `perMs` more than `requests`. A request that is refused does not count,
 * so that a client which keeps knocking is not locked out for ever; the documentation does not say.
 */
import type { RateWindow } from '../faults/scenario.ts';

/** A request beyond a window. */
export interface Excess {
  readonly window: RateWindow;
  /** How long until the window would have let it through. */
  readonly earlyByMs: number;
}

export type RateWindows = ReturnType<typeof createRateWindows>;

/** Accounts beyond this are forgotten, the longest unused first. */
const ACCOUNTS_KEPT = 10_000;

export function createRateWindows(windows: readonly RateWindow[]) {
  const remembered = Math.max(...windows.map((window) => window.requests));
  const accounts = new Map<string, Recent>();

  return {
    /** Lets the request through and counts it, giving null; or says which window it is beyond. */
    take(account: string, nowMs: number): Excess | null {
      const recent = accounts.get(account) ?? createRecent(remembered);
      accounts.delete(account);
      accounts.set(account, recent);
      const [longestUnused] = accounts.keys();
      if (accounts.size > ACCOUNTS_KEPT && longestUnused !== undefined) accounts.delete(longestUnused);

      for (const window of windows) {
        const earliestMs = recent.ago(window.requests) + window.perMs;
        if (nowMs < earliestMs) return { window, earlyByMs: earliestMs - nowMs };
      }
      recent.add(nowMs);
      return null;
    },
  };
}

type Recent = ReturnType<typeof createRecent>;

/** The times of the last `size` requests. */
function createRecent(size: number) {
  const times: number[] = [];
  let next = 0;
  return {
    add(nowMs: number): void {
      times[next] = nowMs;
      next = (next + 1) % size;
    },
    /** When the `n`th last request was; −∞ if there were fewer. */
    ago: (n: number): number => times[(next - n + size) % size] ?? Number.NEGATIVE_INFINITY,
  };
}
