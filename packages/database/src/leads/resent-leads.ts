import type { LeadJob } from '@live-feed/core/lead/lead-job';
import type { LeadState } from '@live-feed/core/lead/lead-state';
import type { Database } from '../connection/client.ts';
import { Prisma } from '../generated/client.ts';
import { INSERTED, INSERTED_FROM_INPUT, inputOf } from './sql/lead-input.ts';

/** Leads that a person sends again: each is a new lead that names the one before. */

/** States in which the dialing system is known not to have a lead. */
export const RESENDABLE = [
  'REJECTED',
  'FAILED',
  'EXPIRED',
  'ABANDONED',
] as const satisfies readonly LeadState[];

const IS_RESENDABLE = Prisma.raw(`state IN (${RESENDABLE.map((state) => `'${state}'`).join()})`);

/** A lead that can be sent again. */
export interface EndedLead {
  readonly id: string;
  readonly campaignId: string;
  readonly source: string | null;
  readonly phoneDigest: string;
  /** Sealed. */
  readonly payload: string;
  /** Number of uploads started for it. */
  readonly attempt: number;
  /** The account of the last one, see `accountName`. */
  readonly sentTo: string | null;
}

/** Those of a company's leads that ended without being taken, and were not sent again yet; in any order. */
export async function findEndedLeads(
  database: Database,
  companyId: string,
  ids: readonly string[],
): Promise<EndedLead[]> {
  return database.$queryRaw<EndedLead[]>`
    SELECT id, campaign_id AS "campaignId", source, phone_digest AS "phoneDigest", payload, attempt, sent_to AS "sentTo"
    FROM leads WHERE id = ANY(${[...ids]}::uuid[]) AND company_id = ${companyId}::uuid AND ${IS_RESENDABLE}
      AND NOT EXISTS (SELECT FROM leads AS again WHERE again.resent_from = leads.id)`;
}

/** A new lead, and the ended one that it sends again. */
export interface Resent {
  readonly lead: LeadJob;
  readonly from: string;
}

/**
 * `promise`, of leads that send ended ones again: (no row) → QUEUED. Of two people who send one again, the first wins; so does whatever
 * has changed the ended lead meanwhile.
 *
 * @returns the ids of the new leads
 */
export async function promiseResent(
  database: Pick<Database, '$queryRaw'>,
  resent: readonly Resent[],
): Promise<string[]> {
  if (resent.length === 0) return [];
  const pairs = resent.map(({ lead, from }) => ({ id: lead.leadId, from }));
  const rows = await database.$queryRaw<{ id: string }[]>`
    WITH ended AS (
      SELECT leads.id AS ended_id, pair.id AS new_id
      FROM jsonb_to_recordset(${JSON.stringify(pairs)}::jsonb) AS pair(id uuid, "from" uuid) JOIN leads ON leads.id = pair."from"
      WHERE ${IS_RESENDABLE} ORDER BY leads.id FOR UPDATE OF leads
    )
    INSERT INTO leads (${INSERTED}, resent_from, state, promised, due_at)
    SELECT ${INSERTED_FROM_INPUT}, ended_id, 'QUEUED', true, now()
    FROM (${inputOf(resent.map(({ lead }) => lead))}) AS input JOIN ended ON new_id = input.id
    ORDER BY input.id
    ON CONFLICT (resent_from) WHERE resent_from IS NOT NULL DO NOTHING
    RETURNING id`;
  return rows.map(({ id }) => id);
}
