/**
 * Sliding windows per account: at most `requests` within any `perMs`. A refused request does not count, so that a client that keeps
 * trying is not locked out for ever; the documentation does not say whether it does.
 */
import type { RateWindow } from '../faults/scenario.ts';

/** A request over the limit of a window. */
export interface Excess {
  readonly window: RateWindow;
  /** How long until the window would have let it through. */
  readonly earlyByMs: number;
}

export type RateWindows = ReturnType<typeof createRateWindows>;

/** Maximum number of accounts; the least recently used are removed. */
const ACCOUNTS_KEPT = 10_000;

export function createRateWindows(windows: readonly RateWindow[]) {
  const remembered = Math.max(...windows.map((window) => window.requests));
  const accounts = new Map<string, Recent>();

  return {
    /** Counts an allowed request and returns null; otherwise returns the window whose limit it exceeds. */
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
