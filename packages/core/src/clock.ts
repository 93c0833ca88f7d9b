/** Where the time of day comes from. An argument, so that a test can set it. */
export type Clock = {
  /** Unix time in milliseconds. May jump when the machine's clock is set; never measure a duration with it. */
  now(): number;
};

export const systemClock: Clock = { now: () => Date.now() };

/** Measures a duration on a clock that nobody sets. */
export type Stopwatch = {
  /** Milliseconds since the start, with fractions; never less than before. */
  elapsedMs(): number;
};

export function startStopwatch(): Stopwatch {
  const startedMs = performance.now();
  return { elapsedMs: () => performance.now() - startedMs };
}
