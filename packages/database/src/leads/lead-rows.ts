import type { AniTier } from '@live-feed/core/caller-id/ani-choice';
import type { LeadOutcome, OutcomeSource, Reason } from '@live-feed/core/lead/lead-outcome';
import type { LeadState } from '@live-feed/core/lead/lead-state';
import type { PhoneChecked } from '@live-feed/core/lead/phone-checked';
import type { Database } from '../connection/client.ts';
import { STEADY_NOW } from '../connection/steady-clock.ts';
import { Prisma } from '../generated/client.ts';

/** What transitions read of a lead's row. `…InMs` counts from now, on the database's clock. */
export interface LeadRow {
  readonly id: string;
  readonly state: LeadState;
  readonly attempt: number;
  readonly promised: boolean;
  readonly reason: Reason | null;
  /** What its company's check said of its phone; null if that was not asked. */
  readonly phoneCheck: PhoneChecked | null;
  /** Sealed. */
  readonly dialerResponse: string | null;
  readonly source: OutcomeSource | null;
  readonly uploadSize: number | null;
  readonly callerId: string | null;
  /** How near its ANI is; null if it has none. */
  readonly aniTier: AniTier | null;
  readonly aniDistanceKm: number | null;
  /** Until absence in a read-back counts, by the steady clock: negative once it does, null if that is not known. */
  readonly absentInMs: number | null;
  /** The account of the current attempt, see `accountName`; null before the first attempt. */
  readonly sentTo: string | null;
  /** Until the next step is due. */
  readonly dueInMs: number;
  /** Until it reaches its maximum age. */
  readonly expiresInMs: number;
}

/** For SELECT and RETURNING on `leads`. */
export const LEAD_ROW = Prisma.sql`
  leads.id, leads.state::text AS state, leads.attempt, leads.promised, leads.reason, leads.phone_check AS "phoneCheck",
  leads.dialer_response AS "dialerResponse", leads.outcome_source AS source, leads.upload_size AS "uploadSize",
  leads.caller_id AS "callerId", leads.ani_tier AS "aniTier", leads.ani_distance_km AS "aniDistanceKm",
  (leads.absent_from - ${STEADY_NOW})::float8 AS "absentInMs", leads.sent_to AS "sentTo",
  (EXTRACT(EPOCH FROM leads.due_at - now()) * 1000)::float8 AS "dueInMs",
  (EXTRACT(EPOCH FROM leads.expires_at - now()) * 1000)::float8 AS "expiresInMs"`;

/** In any order, without ids that have no row. */
export async function findLeads(database: Database, ids: readonly string[]): Promise<LeadRow[]> {
  if (ids.length === 0) return [];
  return database.$queryRaw<LeadRow[]>`SELECT ${LEAD_ROW} FROM leads WHERE id = ANY(${[...ids]}::uuid[])`;
}

/**
 * Whether a lead ended before a request arrived, by the database's clock.
 *
 * @param momentMs the arrival, milliseconds since the epoch
 */
export async function endedBefore(database: Database, leadId: string, momentMs: number): Promise<boolean> {
  const rows = await database.$queryRaw<unknown[]>`
    SELECT id FROM leads WHERE id = ${leadId}::uuid AND finished_at < ${new Date(momentMs)}::timestamptz`;
  return rows.length > 0;
}

/** Those of the leads whose callers can be answered. */
export async function findSettledLeads(database: Database, ids: readonly string[]): Promise<LeadRow[]> {
  if (ids.length === 0) return [];
  return database.$queryRaw<LeadRow[]>`
    SELECT ${LEAD_ROW} FROM leads
    WHERE id = ANY(${[...ids]}::uuid[]) AND state NOT IN ('QUEUED', 'SENDING', 'UNKNOWN')`;
}

export function outcomeOf(row: LeadRow): LeadOutcome {
  const { id: leadId, state, reason, phoneCheck, dialerResponse, source, uploadSize } = row;
  const refused = phoneCheck?.result === 'refused' ? { phoneCheck } : {};
  return { leadId, state, reason, ...refused, dialerResponse, source, uploadSize };
}
