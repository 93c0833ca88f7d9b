/** Whether an endpoint that does not answer is asked again. Nobody waits for one that has failed again and again. */
export interface Circuit {
  /** @returns undefined while it is open, but for one question each time that it has rested. Who gets one reports what came of it */
  ask(): Question | undefined;
  /** @returns whether it was open */
  answered(): boolean;
  /** @returns whether it opens with this */
  failed(question: Question): boolean;
  readonly isOpen: boolean;
}

/** `probe`: of an open circuit. */
export type Question = 'usual' | 'probe';

/** Failures in a row after which it opens. */
const MOST_FAILURES = 5;
const FIRST_REST_MS = 5_000;
const LONGEST_REST_MS = 60_000;

/** @param now milliseconds on a steady clock */
export function createCircuit(now: () => number = () => performance.now()): Circuit {
  let failures = 0;
  /** 0: it is closed. */
  let restMs = 0;
  let restsUntil = 0;

  function rest(ms: number): void {
    restMs = Math.min(ms, LONGEST_REST_MS);
    restsUntil = now() + restMs;
  }

  return {
    get isOpen() {
      return restMs > 0;
    },
    ask() {
      if (restMs === 0) return 'usual';
      if (now() < restsUntil) return undefined;
      // No other one is asked meanwhile.
      restsUntil = now() + restMs;
      return 'probe';
    },
    answered() {
      const wasOpen = restMs > 0;
      failures = 0;
      restMs = 0;
      return wasOpen;
    },
    failed(question) {
      if (question === 'probe') rest(restMs * 2);
      // Those that were under way when it opened say nothing new.
      if (question === 'probe' || restMs > 0) return false;
      failures += 1;
      if (failures < MOST_FAILURES) return false;
      rest(FIRST_REST_MS);
      return true;
    },
  };
}
