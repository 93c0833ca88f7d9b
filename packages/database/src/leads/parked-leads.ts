import { firstIdAt } from '@live-feed/core/ids';
import type { TRANSITIONS } from '@live-feed/core/lead/lead-state';
import { giveBackUses } from '../caller-ids/ani-uses.ts';
import type { Database } from '../connection/client.ts';
import { Prisma } from '../generated/client.ts';
import { LEAD_ROW, type LeadRow } from './lead-rows.ts';
import { statesLeftBy } from './sql/states-left.ts';

/** What a person makes of leads that need one: two more of the arbiter's transitions. See `TRANSITIONS` in core. */

/** A lead that was parked for one of these was never taken: by the dialing system's own word, or because nothing was sent. */
export const KNOWN_ABSENT = Prisma.sql`('DIALER_TOKEN_REFUSED', 'LEAD_UNUSABLE')`;

export interface ParkedLead {
  readonly id: string;
  /** The attempt that the person has seen. */
  readonly attempt: number;
}

/** Leads that may be in the dialing system are looked for there, and nowhere else. */
const IS_ELSEWHERE = Prisma.sql`(leads.reason NOT IN ${KNOWN_ABSENT} AND leads.sent_to <> (
  SELECT concat_ws(' ', family, base_url, account_id) FROM dialers WHERE dialers.id = leads.dialer_id))`;

/**
 * `retry`: PARKED → QUEUED where the lead is known not to have been taken, else UNKNOWN, and then nothing is sent before the dialing
 * system has been asked; one that was sent to another account than its dialer is now stays PARKED. The caller adds
 * their jobs; otherwise the reconciler does. They are promised from now on, because an operator wants them delivered.
 *
 * @param triedForMs how long it is tried at least, from now
 * @returns the rows that were changed
 */
export async function retryParked(
  database: Database,
  leads: readonly ParkedLead[],
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

/** Where a lead was sent, if that is another account than its dialer is now, and it may be there. */
export async function findElsewhere(database: Database, leadId: string): Promise<string | undefined> {
  const rows = await database.$queryRaw<{ sentTo: string }[]>`
    SELECT sent_to AS "sentTo" FROM leads WHERE id = ${leadId}::uuid AND ${IS_ELSEWHERE}`;
  return rows[0]?.sentTo;
}

export interface Resolution {
  readonly state: (typeof TRANSITIONS)['resolve']['to'][number];
  /** Sealed; the response shown from now on. null keeps the dialing system's. */
  readonly dialerResponse: string | null;
}

/** `resolve`: PARKED → the state that the operator gives. @returns the row; undefined, with nothing changed, if it is not parked */
export async function resolveParked(
  database: Database,
  lead: ParkedLead,
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

export interface ParkedSearch {
  readonly companyId: string;
  /** Only those parked for this reason. */
  readonly reason?: string | undefined;
  /** Only those that came after this lead. */
  readonly afterId?: string | undefined;
  readonly limit: number;
}

/** Oldest first. */
export async function findParked(database: Database, search: ParkedSearch): Promise<ParkedLead[]> {
  const { companyId, reason, afterId, limit } = search;
  return database.$queryRaw<ParkedLead[]>`
    SELECT id, attempt FROM leads
    WHERE state = 'PARKED' AND company_id = ${companyId}::uuid AND id > ${afterId ?? FIRST}::uuid
      AND (${reason ?? null}::text IS NULL OR reason = ${reason ?? null})
    ORDER BY id LIMIT ${limit}`;
}

const FIRST = firstIdAt(0);

/** In the order of their ids, as every statement that changes several leads locks them. */
function lockParked(leads: readonly ParkedLead[], transition: 'retry' | 'resolve'): Prisma.Sql {
  return Prisma.sql`
    SELECT leads.id FROM jsonb_to_recordset(${JSON.stringify(leads)}::jsonb) AS input(id uuid, attempt int)
    JOIN leads USING (id, attempt) WHERE leads.state IN ${statesLeftBy(transition)}
    ORDER BY leads.id FOR UPDATE OF leads`;
}
