import type { CandidateName } from '../comparison/point.ts';
import type { RowOf } from '../comparison/row.ts';

/** So many dialers of one candidate, each with `LEADS_PER_SECOND`. */
export interface Step {
  readonly candidate: CandidateName;
  readonly dialers: number;
}

export type StepRow = RowOf<Step>;

/** Of each dialer. */
export const LEADS_PER_SECOND = 1;

/** A step whose callers wait longer is not carried. */
const CARRIED_MS = 1_000;
const BAD_MS = 10_000;

/** The most leads a second that were carried: none failed, and hardly anybody waited for longer than a second. */
export function capacityOf(rows: readonly StepRow[]): number {
  const carried = rows.filter(({ errors, p99Ms }) => errors === 0 && p99Ms !== null && p99Ms <= CARRIED_MS);
  return Math.max(0, ...carried.map(({ dialers }) => dialers * LEADS_PER_SECOND));
}

/** Whether a larger step can only be worse: waits of more than 10 s, or more errors than there are leads in a second. */
export function failedBadly({ dialers, p99Ms, errors }: StepRow): boolean {
  return p99Ms === null || p99Ms > BAD_MS || errors > dialers * LEADS_PER_SECOND;
}
