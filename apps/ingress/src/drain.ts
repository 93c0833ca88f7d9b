/** What was connected when the port closed is still read, on a busy machine later than its connection was taken. */
const LATE_REQUESTS_MS = 2_000;

/** An ordered stop as callers see it: at first leads are taken as ever, then none, and at last everybody who waits is answered. */
export interface Drain {
  /** How long connections are taken after the stop has begun, milliseconds. */
  readonly drainMs: number;
  begin(): void;
  /** No lead is taken any more: the port is closed, and what came before has been read. */
  readonly isOver: boolean;
  /** Until everybody who waits is answered, however things stand, milliseconds; without end before the stop. */
  answersEndInMs(): number;
}

export interface DrainTimes {
  readonly drainMs: number;
  /** From the beginning of the stop until nobody waits any more. */
  readonly answersMs: number;
}

export function createDrain({ drainMs, answersMs }: DrainTimes): Drain {
  let beganAt = Number.POSITIVE_INFINITY;
  return {
    drainMs,
    begin() {
      beganAt = Math.min(beganAt, performance.now());
    },
    get isOver() {
      return performance.now() - beganAt >= drainMs + LATE_REQUESTS_MS;
    },
    answersEndInMs: () => Math.max(0, beganAt + answersMs - performance.now()),
  };
}
