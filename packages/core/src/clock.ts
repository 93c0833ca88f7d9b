/** Where the time of day comes from. An argument, so that a test can set it. */
export type Clock = {
  /** Unix time in milliseconds. May jump when the machine's clock is set; never measure a duration with it. */
  now(): number;
};

export const systemClock: Clock = { now: () => Date.now() };

/** Measures a duration on a clock that cannot be set. */
export type Stopwatch = {
  /** Milliseconds since the start, with fractions; never less than before. */
  elapsedMs(): number;
};

export function startStopwatch(): Stopwatch {
  const startedMs = performance.now();
  return { elapsedMs: () => performance.now() - startedMs };
}

/**
 * The time of day as it was when the process started, and what has passed since. It does not step when the machine's clock is
 * set; after a suspension it is behind.
 */
export const unsteppedClock: Clock = { now: () => performance.timeOrigin + performance.now() };

/** A stretch of time in which something may be done. */
export type TimeWindow = {
  isOpen(): boolean;
};

/**
 * Opens a window for that long. Both clocks are asked, and the one that says that more time has passed is believed: while a machine is
 * suspended `performance.now()` stands still, and the time of day jumps when it resumes. A clock that is set forward closes the window early.
 */
export function openWindow(ms: number, clock: Clock = systemClock): TimeWindow {
  const { elapsedMs } = startStopwatch();
  const openedAt = clock.now();
  return { isOpen: () => Math.max(elapsedMs(), clock.now() - openedAt) < ms };
}
