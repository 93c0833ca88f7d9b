import type { LeadRecord, TracedLead, UploadTrace } from '@live-feed/core/lead/lead-record';
import { LEAD_STATES, type LeadState } from '@live-feed/core/lead/lead-state';
import { phoneCheckedSchema } from '@live-feed/core/lead/phone-checked';
import type { Database } from '../connection/client.ts';
import { Prisma } from '../generated/client.ts';

/** Leads as their companies and operators see them. No transition reads these. */

const RECORD = {
  id: true,
  companyId: true,
  state: true,
  campaignId: true,
  source: true,
  phoneLast2: true,
  callerId: true,
  aniTier: true,
  reason: true,
  outcomeSource: true,
  receivedAt: true,
  finishedAt: true,
} as const;

/** @returns null if the company has no such lead, even if another company has */
export async function findLead(
  database: Database,
  companyId: string,
  leadId: string,
): Promise<TracedLead | null> {
  return trace(database, { id: leadId, companyId });
}

/** A lead of any company. */
export async function findAnyLead(database: Database, leadId: string): Promise<TracedLead | null> {
  return trace(database, { id: leadId });
}

async function trace(
  database: Database,
  where: { readonly id: string; readonly companyId?: string },
): Promise<TracedLead | null> {
  const [lead] = await traceAll(database, where);
  return lead ?? null;
}

/** Of one company, in any order; those are missing that it does not have. */
export async function findTracedLeads(
  database: Database,
  companyId: string,
  ids: readonly string[],
): Promise<TracedLead[]> {
  return traceAll(database, { id: { in: [...ids] }, companyId });
}

async function traceAll(database: Database, where: Prisma.LeadWhereInput): Promise<TracedLead[]> {
  const leads = await database.lead.findMany({
    where,
    select: {
      ...RECORD,
      phoneCheck: true,
      attempt: true,
      payload: true,
      dialerResponse: true,
      uploadIds: true,
    },
  });
  const uploadIds = leads.flatMap((lead) => lead.uploadIds);
  if (uploadIds.length === 0) return leads.map((lead) => traced(lead, new Map()));
  const uploads = await database.upload.findMany({
    where: { id: { in: uploadIds } },
    select: { id: true, startedAt: true, size: true, result: true, httpStatus: true, latencyMs: true },
  });
  const byId = new Map(uploads.map(({ id, ...upload }) => [id, upload]));
  return leads.map((lead) => traced(lead, byId));
}

type WithUploadIds = Omit<TracedLead, 'uploads' | 'phoneCheck'> & {
  readonly uploadIds: readonly string[];
  readonly phoneCheck: unknown;
};

/** Ids are in the order of time. */
function traced(
  { uploadIds, phoneCheck, ...lead }: WithUploadIds,
  uploads: ReadonlyMap<string, UploadTrace>,
): TracedLead {
  const checked = phoneCheckedSchema.safeParse(phoneCheck);
  return {
    ...lead,
    phoneCheck: checked.success ? checked.data : null,
    uploads: uploadIds.toSorted().flatMap((id) => uploads.get(id) ?? []),
  };
}

/** PostgreSQL's estimate of the number of leads: counting would read them all. */
export async function countLeads(database: Database): Promise<number> {
  const rows = await database.$queryRaw<{ count: number }[]>`
    SELECT GREATEST(reltuples, 0)::float8 AS count FROM pg_class WHERE oid = 'leads'::regclass`;
  return rows[0]?.count ?? 0;
}

/**
 * Newest first.
 *
 * @param search.companyId undefined: of all companies
 * @param search.olderThan only leads older than the lead of this id
 */
export async function searchLeads(
  database: Database,
  search: {
    readonly companyId?: string | undefined;
    readonly phoneDigest?: string | undefined;
    readonly campaignId?: string | undefined;
    readonly source?: string | undefined;
    readonly state?: LeadState | undefined;
    readonly olderThan?: string | undefined;
    readonly limit: number;
  },
): Promise<LeadRecord[]> {
  const { companyId, phoneDigest, campaignId, source, state, olderThan, limit } = search;
  const conditions = [
    ...(companyId === undefined ? [] : [Prisma.sql`company_id = ${companyId}::uuid`]),
    ...(phoneDigest === undefined ? [] : [Prisma.sql`phone_digest = ${phoneDigest}`]),
    ...(campaignId === undefined ? [] : [Prisma.sql`campaign_id = ${campaignId}`]),
    ...(source === undefined ? [] : [Prisma.sql`source = ${source}`]),
    ...(state === undefined ? [] : [IS_IN_STATE[state]]),
    Prisma.sql`id < ${olderThan ?? LAST}::uuid`,
  ];
  return database.$queryRaw<LeadRecord[]>`
    SELECT id, company_id AS "companyId", state::text AS state, campaign_id AS "campaignId", source, phone_last2 AS "phoneLast2",
      caller_id AS "callerId", ani_tier AS "aniTier", reason, outcome_source AS "outcomeSource", received_at AS "receivedAt", finished_at AS "finishedAt"
    FROM leads WHERE ${Prisma.join(conditions, ' AND ')} ORDER BY id DESC LIMIT ${limit}`;
}

/** As constants: with a parameter, PostgreSQL would not use the partial indexes of open and parked leads. */
const IS_IN_STATE = Object.fromEntries(
  LEAD_STATES.map((state) => [state, Prisma.raw(`state = '${state}'`)]),
) as Record<LeadState, Prisma.Sql>;

const LAST = 'ffffffff-ffff-ffff-ffff-ffffffffffff';
