import { createHistogram } from 'node:perf_hooks';

const nanosPerMs = 1e6;

/** How long callers waited, to three digits, in constant memory. */
export class WaitingTimes {
  readonly #histogram = createHistogram({ figures: 3 });

  add(waitedMs: number): void {
    this.#histogram.record(Math.max(1, Math.round(waitedMs * nanosPerMs)));
  }

  /**
   * Takes in those who still wait, with the time so far, if that is longer than nearly everybody waited: else a system that
   * answers a few callers and forgets the rest would look quick. The others among them are in the middle of an ordinary wait.
   */
  addStillWaiting(waitedMs: readonly number[]): void {
    const longMs = this.percentile(99) ?? 0;
    for (const waited of waitedMs) if (waited >= longMs) this.add(waited);
  }

  /** Null while there are none. */
  percentile(percent: number): number | null {
    return this.#histogram.count === 0 ? null : this.#histogram.percentile(percent) / nanosPerMs;
  }
}
