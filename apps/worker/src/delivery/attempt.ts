import type { LeadRow } from '@live-feed/database/leads/lead-rows';
import { type Decision, type Doubt, doubtOf } from './decide.ts';
import { type Settings, settleWithinMs } from './settings.ts';
import type { TakenLead } from './taken-lead.ts';

/** One lead's attempt, as this worker knows it: it has made the attempt, or has seen the lead's row. */
export interface Attempt {
  readonly lead: TakenLead;
  /** From 1, as in the lead's row. */
  readonly attempt: number;
  /** The account it was sent to, as `accountName` gives it; null where that is not known. */
  readonly sentTo: string | null;
  /** On `performance.now()`'s scale: absence in a read-back that begins later counts, since nothing of the attempt can be under way. */
  readonly absentFrom: number;
}

export interface DecidedAttempt extends Attempt {
  readonly decision: Decision;
  /** Leads in the upload that it is about. */
  readonly uploadSize: number;
}

/** An attempt whose outcome has to be verified. */
export interface DoubtfulAttempt extends Attempt {
  readonly doubt: Doubt;
  /** On `performance.now()`'s scale: the lead is over its maximum age by the database's clock. */
  readonly expiresAt: number;
}

/**
 * How long absence may be put off because of what the row says. A steady clock that has gone back, with a restored database, must
 * not do so for years.
 */
const LONGEST_PUT_OFF_MS = 60_000;

/**
 * The moment from which absence counts never comes from a time of day, which can be set while an upload is under way: of an own attempt
 * it is known from the worker's own stopwatch, of another worker's from the steady clock, and where neither is known the
 * whole time that an attempt can take has to pass from now on.
 *
 * @param nowMs on `performance.now()`'s scale, read after the row was; one for all leads of an upload, so that they stay together
 * @param made the attempt that this worker has made last, if any: the row may be at another
 */
export function doubtfulAttempt(
  settings: Settings,
  nowMs: number,
  lead: TakenLead,
  row: LeadRow,
  made: DecidedAttempt | undefined,
): DoubtfulAttempt {
  const own = made?.attempt === row.attempt ? made : undefined;
  const doubt = own?.decision.doubt ?? doubtOf(row);
  return {
    lead,
    attempt: row.attempt,
    sentTo: row.sentTo,
    doubt,
    absentFrom: absentFrom(settings, nowMs, doubt, row, own),
    expiresAt: nowMs + row.expiresInMs,
  };
}

function absentFrom(
  settings: Settings,
  nowMs: number,
  doubt: Doubt,
  row: LeadRow,
  own: DecidedAttempt | undefined,
): number {
  if (doubt.answered) return nowMs + (doubt.refused ? settings.refusedSettleMs : settings.settleMs);
  if (own !== undefined) return own.absentFrom;
  const longestMs = settleWithinMs(settings);
  const leftMs = Math.min(row.absentInMs ?? longestMs, longestMs + LONGEST_PUT_OFF_MS);
  return nowMs + Math.max(0, leftMs);
}
