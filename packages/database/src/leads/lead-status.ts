import type { LeadRecord, LeadScope, TracedLead, UploadTrace } from '@live-feed/core/lead/lead-record';
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

/** @returns null if the scope has no such lead, even if another company or campaign has */
export async function findLead(
  database: Database,
  { companyId, campaigns }: LeadScope,
  leadId: string,
): Promise<TracedLead | null> {
  const reached = campaigns === undefined ? {} : { campaignId: { in: [...campaigns] } };
  return trace(database, { id: leadId, companyId, ...reached });
}

/** A lead of any company. */
export async function findAnyLead(database: Database, leadId: string): Promise<TracedLead | null> {
  return trace(database, { id: leadId });
}

async function trace(
  database: Database,
  where: Prisma.LeadWhereInput & { readonly id: string },
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
 * @param search.campaigns undefined: of all campaigns. A `campaignId` that is not among them finds nothing
 * @param search.olderThan only leads older than the lead of this id
 */
export async function searchLeads(
  database: Database,
  search: {
    readonly companyId: string | undefined;
    readonly campaigns: LeadScope['campaigns'];
    readonly phoneDigest?: string | undefined;
    readonly campaignId?: string | undefined;
    readonly source?: string | undefined;
    readonly state?: LeadState | undefined;
    readonly olderThan?: string | undefined;
    readonly limit: number;
  },
): Promise<LeadRecord[]> {
  const { companyId, campaigns, phoneDigest, campaignId, source, state, olderThan, limit } = search;
  const reached = reachedCampaigns(campaigns, campaignId);
  if (reached?.length === 0) return [];
  const conditions = [
    ...(companyId === undefined ? [] : [Prisma.sql`company_id = ${companyId}::uuid`]),
    ...(phoneDigest === undefined ? [] : [Prisma.sql`phone_digest = ${phoneDigest}`]),
    ...(source === undefined ? [] : [Prisma.sql`source = ${source}`]),
    ...(state === undefined ? [] : [IS_IN_STATE[state]]),
    Prisma.sql`id < ${olderThan ?? LAST}::uuid`,
  ];
  const isFound =
    reached === undefined ? Prisma.join(conditions, ' AND ') : isNewestOf(reached, conditions, limit);
  return database.$queryRaw<LeadRecord[]>`
    SELECT id, company_id AS "companyId", state::text AS state, campaign_id AS "campaignId", source, phone_last2 AS "phoneLast2",
      caller_id AS "callerId", ani_tier AS "aniTier", reason, outcome_source AS "outcomeSource", received_at AS "receivedAt", finished_at AS "finishedAt"
    FROM leads WHERE ${isFound} ORDER BY id DESC LIMIT ${limit}`;
}

/** @returns each once; undefined: all */
function reachedCampaigns(
  campaigns: LeadScope['campaigns'],
  campaignId: string | undefined,
): readonly string[] | undefined {
  if (campaigns === undefined) return campaignId === undefined ? undefined : [campaignId];
  const reached = new Set(campaigns);
  if (campaignId === undefined) return [...reached];
  return reached.has(campaignId) ? [campaignId] : [];
}

/**
 * Of each campaign as many as a list can have. That only the index by company and campaign has this order keeps PostgreSQL from reading all
 * leads by their ids, in search of the few of a campaign: with `=` every index by id would do.
 */
function isNewestOf(
  campaigns: readonly string[],
  conditions: readonly Prisma.Sql[],
  limit: number,
): Prisma.Sql {
  const where = Prisma.join([...conditions], ' AND ');
  if (campaigns.length === 1) return Prisma.sql`campaign_id = ${campaigns[0]} AND ${where}`;
  return Prisma.sql`id IN (
    SELECT newest.id FROM unnest(${[...campaigns]}::text[]) AS reached(campaign)
      CROSS JOIN LATERAL (
        SELECT id FROM leads WHERE campaign_id BETWEEN reached.campaign AND reached.campaign AND ${where}
        ORDER BY campaign_id, id DESC LIMIT ${limit}
      ) AS newest
    ORDER BY newest.id DESC LIMIT ${limit})`;
}

/** As constants: with a parameter, PostgreSQL would not use the partial indexes of open and parked leads. */
const IS_IN_STATE = Object.fromEntries(
  LEAD_STATES.map((state) => [state, Prisma.raw(`state = '${state}'`)]),
) as Record<LeadState, Prisma.Sql>;

const LAST = 'ffffffff-ffff-ffff-ffff-ffffffffffff';
