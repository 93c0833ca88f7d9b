import type { TRANSITIONS } from '@live-feed/core/lead/lead-state';
import { giveBackUses } from '../caller-ids/ani-uses.ts';
import type { Database } from '../connection/client.ts';
import { Prisma } from '../generated/client.ts';
import { LEAD_ROW, type LeadRow } from './lead-rows.ts';
import { statesLeftBy } from './sql/states-left.ts';

/** The transitions of leads that need a person. See `TRANSITIONS` in core. */

/** Reasons of leads that the dialing system does not have: it said so, or nothing was sent. */
export const KNOWN_ABSENT = Prisma.sql`('DIALER_TOKEN_REFUSED', 'LEAD_UNUSABLE')`;

/** A parked lead, at the attempt that the person has seen. */
type Seen = Pick<LeadRow, 'id' | 'attempt'>;

/** The lead may be on another account than its dialer has now, where no read-back would find it. */
const IS_ELSEWHERE = Prisma.sql`(leads.reason NOT IN ${KNOWN_ABSENT} AND leads.sent_to <> (
  SELECT concat_ws(' ', family, base_url, account_id) FROM dialers WHERE dialers.id = leads.dialer_id))`;

/**
 * `retry`: PARKED → QUEUED if the dialing system does not have the lead, otherwise UNKNOWN, which is read back before anything is sent. A
 * lead that was sent to another account than its dialer has now stays PARKED. The leads are promised from now on. The caller adds
 * their jobs; if it cannot, the reconciler does.
 *
 * @param triedForMs minimum time, from now, until they expire
 * @returns the rows that were changed
 */
export async function retryParked(
  database: Database,
  leads: readonly Seen[],
  triedForMs: number,
): Promise<LeadRow[]> {
  return database.$queryRaw<LeadRow[]>`
    WITH target AS (
      ${lockParked(leads, 'retry')}
    )
    UPDATE leads SET
      state = (CASE WHEN reason IN ${KNOWN_ABSENT} THEN 'QUEUED' ELSE 'UNKNOWN' END)::lead_state,
      promised = true, finished_at = NULL, due_at = now(),
      expires_at = GREATEST(leads.expires_at, now() + ${triedForMs}::float8 * interval '1 millisecond')
    FROM target WHERE leads.id = target.id AND ${IS_ELSEWHERE} IS NOT TRUE
    RETURNING ${LEAD_ROW}`;
}

/** The account that the lead may be on, if its dialer has another one now. */
export async function findElsewhere(database: Database, leadId: string): Promise<string | undefined> {
  const rows = await database.$queryRaw<{ sentTo: string }[]>`
    SELECT sent_to AS "sentTo" FROM leads WHERE id = ${leadId}::uuid AND ${IS_ELSEWHERE}`;
  return rows[0]?.sentTo;
}

export interface Resolution {
  readonly state: (typeof TRANSITIONS)['resolve']['to'][number];
  /** Sealed. Null keeps the response of the dialing system. */
  readonly dialerResponse: string | null;
}

/** `resolve`: PARKED → the state that the operator gives. @returns the row; undefined, with nothing changed, if it is not parked */
export async function resolveParked(
  database: Database,
  lead: Seen,
  { state, dialerResponse }: Resolution,
): Promise<LeadRow | undefined> {
  const reason = `DIALER_${state}`;
  const rows = await database.$queryRaw<LeadRow[]>`
    WITH target AS (
      ${lockParked([lead], 'resolve')}
    ),
    ended AS (
      UPDATE leads SET state = ${state}::lead_state, reason = ${reason}, outcome_source = 'person', finished_at = now(),
        dialer_response = COALESCE(${dialerResponse}, leads.dialer_response)
      FROM target WHERE leads.id = target.id
      RETURNING leads.*
    ),
    ${giveBackUses(Prisma.sql`ended`)}
    SELECT ${LEAD_ROW} FROM ended AS leads`;
  return rows[0];
}

/** Locks in the order of ids, as every statement that changes several leads does: this prevents deadlocks. */
function lockParked(leads: readonly Seen[], transition: 'retry' | 'resolve'): Prisma.Sql {
  return Prisma.sql`
    SELECT leads.id FROM jsonb_to_recordset(${JSON.stringify(leads)}::jsonb) AS input(id uuid, attempt int)
    JOIN leads USING (id, attempt) WHERE leads.state IN ${statesLeftBy(transition)}
    ORDER BY leads.id FOR UPDATE OF leads`;
}
