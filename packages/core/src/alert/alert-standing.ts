/** Where a rule stands about one company, campaign or webhook. Times are of the steady clock, in milliseconds. */
export interface AlertStanding {
  /** `pending`: the condition holds, but not yet for long enough. */
  readonly phase: 'pending' | 'burning';
  /** The condition was met first. */
  readonly sinceMs: number;
  /** It burns, and the condition has not been met since; null: it is met. */
  readonly clearMs: number | null;
}

export interface AlertPatience {
  /** The condition must be met for so long until the alert begins, */
  readonly beginAfterMs: number;
  /** and not be met for so long until it ends. */
  readonly endAfterMs: number;
}

export interface AlertStep {
  /** Undefined: nothing is to be remembered. */
  readonly standing: AlertStanding | undefined;
  readonly event: 'begun' | 'ended' | undefined;
}

/** @param isMet undefined: it is not known, so nothing begins and nothing ends */
export function nextStanding(
  standing: AlertStanding | undefined,
  isMet: boolean | undefined,
  nowMs: number,
  { beginAfterMs, endAfterMs }: AlertPatience,
): AlertStep {
  if (isMet === undefined) return { standing, event: undefined };
  if (standing?.phase === 'burning') {
    if (isMet) return { standing: { ...standing, clearMs: null }, event: undefined };
    const clearMs = standing.clearMs ?? nowMs;
    return nowMs - clearMs >= endAfterMs
      ? { standing: undefined, event: 'ended' }
      : { standing: { ...standing, clearMs }, event: undefined };
  }
  if (!isMet) return { standing: undefined, event: undefined };
  const sinceMs = standing?.sinceMs ?? nowMs;
  const begins = nowMs - sinceMs >= beginAfterMs;
  return {
    standing: { phase: begins ? 'burning' : 'pending', sinceMs, clearMs: null },
    event: begins ? 'begun' : undefined,
  };
}
