import type { LeadRow } from '@live-feed/database/lead-rows';
import { type Decision, type Doubt, doubtOf } from './decide.ts';
import type { LaneLead } from './lane-lead.ts';
import { absenceAfterMs, type Settings } from './settings.ts';

/** A lead in this worker's hands whose outcome has to be verified. */
export interface HeldLead {
  readonly lead: LaneLead;
  /** The attempt that its row was last seen at. */
  readonly attempt: number;
  /** The attempt's maker has recorded that it does not know: it is the dialing system that failed, not a worker. */
  readonly doubted: boolean;
  readonly doubt: Doubt;
  /** On `performance.now()`'s scale: absence in a read-back that begins later counts. */
  readonly absentFrom: number;
}

/**
 * @param decision what was decided of it in this worker, if anything was
 *
 * The row's `sendBy` was computed before it arrived here, so the moment derived from it errs on the late, safe side.
 */
export function holdLead(settings: Settings, lead: LaneLead, row: LeadRow, decision?: Decision): HeldLead {
  const doubt = decision?.doubt ?? doubtOf(row);
  return {
    lead,
    attempt: row.attempt,
    doubted: row.state === 'UNKNOWN',
    doubt,
    absentFrom: performance.now() + absentInMs(settings, doubt, row),
  };
}

function absentInMs(settings: Settings, doubt: Doubt, row: LeadRow): number {
  if (!doubt.answered) return (row.sendByInMs ?? 0) + absenceAfterMs(settings);
  return doubt.refused ? settings.refusedSettleMs : settings.settleMs;
}
