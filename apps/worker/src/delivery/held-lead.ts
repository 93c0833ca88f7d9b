import type { LeadRow } from '@live-feed/database/leads/lead-rows';
import type { LaneLead } from '../lane/lane-lead.ts';
import { type Settings, settleWithinMs } from '../upkeep/settings.ts';
import { type Decision, type Doubt, doubtOf } from './decide.ts';

/** A lead in this worker's hands whose outcome has to be verified. */
export interface HeldLead {
  readonly lead: LaneLead;
  /** The attempt that its row was last seen at. */
  readonly attempt: number;
  /** The account of that attempt, as `accountName` gives it; null where that is not known. */
  readonly sentTo: string | null;
  readonly doubt: Doubt;
  /** On `performance.now()`'s scale: absence in a read-back that begins later counts. */
  readonly absentFrom: number;
  /** On the same scale: it is over its maximum age by the database's clock. */
  readonly expiresAt: number;
}

/** What this worker knows of an attempt: it has made it, or has held the lead before. */
export interface KnownAttempt {
  readonly attempt: number;
  readonly decision: Decision;
  /** On `performance.now()`'s scale: nothing of the attempt can be under way later. */
  readonly absentFrom: number;
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
 */
export function holdLead(
  settings: Settings,
  nowMs: number,
  { lead, row, known }: { readonly lead: LaneLead; readonly row: LeadRow; readonly known?: KnownAttempt },
): HeldLead {
  const own = known?.attempt === row.attempt ? known : undefined;
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
  own: KnownAttempt | undefined,
): number {
  if (doubt.answered) return nowMs + (doubt.refused ? settings.refusedSettleMs : settings.settleMs);
  if (own !== undefined) return own.absentFrom;
  const longestMs = settleWithinMs(settings);
  const leftMs = Math.min(row.absentInMs ?? longestMs, longestMs + LONGEST_PUT_OFF_MS);
  return nowMs + Math.max(0, leftMs);
}
