/** Requests that reached the kernel before the port closed may be read this much later on a busy machine. */
const LATE_REQUESTS_MS = 2_000;

/** Time to write promises after every wait has ended, see `close-http.ts`. */
const LAST_PROMISES_MS = 3_000;

/** An ordered stop as callers see it: leads are taken as before at first, then refused, and in the end every waiting caller is answered. */
export interface Drain {
  /** How long connections are accepted after the stop has begun, milliseconds. */
  readonly drainMs: number;
  begin(): void;
  /** No lead is taken any more: the port is closed, and earlier requests have been read. */
  readonly isOver: boolean;
  /** Time until every wait ends, milliseconds; infinite before the stop. */
  answersEndInMs(): number;
  /** `ms`, or less if this process has to end sooner. */
  withinStop(ms: number): number;
}

export interface DrainTimes {
  readonly drainMs: number;
  /** From the beginning of the stop until every wait ends. */
  readonly answersMs: number;
}

export function createDrain({ drainMs, answersMs }: DrainTimes): Drain {
  let beganAt = Number.POSITIVE_INFINITY;
  const answersEndInMs = () => Math.max(0, beganAt + answersMs - performance.now());
  return {
    drainMs,
    begin() {
      beganAt = Math.min(beganAt, performance.now());
    },
    get isOver() {
      return performance.now() - beganAt >= drainMs + LATE_REQUESTS_MS;
    },
    answersEndInMs,
    withinStop: (ms) => Math.min(ms, answersEndInMs() + LAST_PROMISES_MS),
  };
}
