import type { SettledState } from './lead-state.ts';

/** So many leads ended in a state within a time. */
export interface LeadCount {
  readonly state: SettledState;
  /** The least of a few values within which they ended, milliseconds; 0: a person has ended them. */
  readonly withinMs: number;
  readonly leads: number;
}

export interface LeadFigures {
  /** All that are not under way any more. */
  readonly leads: number;
  readonly byState: Readonly<Record<SettledState, number>>;
  /** Accepted ones among those that the dialing system decided on or that could not be delivered, 0 to 1; null if there are none. */
  readonly acceptance: number | null;
  /** Half of the leads that the dialing system decided on were decided within this time, milliseconds; null if there are none. */
  readonly p50Ms: number | null;
  /** 99 of 100. */
  readonly p99Ms: number | null;
}

export function summarise(counts: readonly LeadCount[]): LeadFigures {
  const byState = { ACCEPTED: 0, REJECTED: 0, FAILED: 0, EXPIRED: 0, ABANDONED: 0, PARKED: 0 };
  for (const { state, leads } of counts) byState[state] += leads;
  const tried = byState.ACCEPTED + byState.REJECTED + byState.FAILED + byState.EXPIRED;
  const decided = counts
    .filter(({ state, withinMs }) => (state === 'ACCEPTED' || state === 'REJECTED') && withinMs > 0)
    .sort((a, b) => a.withinMs - b.withinMs);
  return {
    leads: sumOf(counts),
    byState,
    acceptance: tried > 0 ? byState.ACCEPTED / tried : null,
    p50Ms: timeOfShare(decided, 0.5),
    p99Ms: timeOfShare(decided, 0.99),
  };
}

/** @param ascending by time */
function timeOfShare(ascending: readonly LeadCount[], share: number): number | null {
  let missing = sumOf(ascending) * share;
  for (const { leads, withinMs } of ascending) {
    missing -= leads;
    if (missing <= 0) return withinMs;
  }
  return null;
}

function sumOf(counts: readonly LeadCount[]): number {
  return counts.reduce((sum, { leads }) => sum + leads, 0);
}
