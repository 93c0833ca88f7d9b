import type { Database } from '../connection/client.ts';
import { Prisma } from '../generated/client.ts';
import { ms } from '../leads/sql/lead-times.ts';

/** What rules look at, of all companies at once. Each is an index range or a small table. */

export interface NamedCompany {
  readonly id: string;
  readonly name: string;
}

export interface SeenOutcomes {
  readonly companyId: string;
  readonly campaignId: string;
  readonly state: string;
  readonly reason: string;
  readonly leads: number;
}

/** Of leads received in that time, from the beginning of its first minute. @param forMs at most the two days that minutes are kept */
export async function seeOutcomes(database: Database, forMs: number): Promise<SeenOutcomes[]> {
  const since = Prisma.sql`date_trunc('minute', now() - ${ms(forMs)})`;
  return database.$queryRaw<SeenOutcomes[]>`
    SELECT company_id AS "companyId", campaign_id AS "campaignId", state::text AS state, reason, sum(leads)::int AS leads
    FROM (
      SELECT company_id, campaign_id, state, reason, leads FROM lead_figures WHERE period = 'minute' AND begins_at >= ${since}
      UNION ALL
      SELECT company_id, campaign_id, state, reason, leads FROM lead_changes WHERE received_at >= ${since}
    ) AS figures GROUP BY 1, 2, 3, 4 HAVING sum(leads) > 0`;
}

export interface SeenLeads {
  readonly companyId: string;
  readonly campaignId: string;
  readonly leads: number;
}

export async function seeParked(database: Database): Promise<SeenLeads[]> {
  return database.$queryRaw<SeenLeads[]>`
    SELECT company_id AS "companyId", campaign_id AS "campaignId", count(*)::int AS leads
    FROM leads WHERE state = 'PARKED' GROUP BY 1, 2`;
}

export interface SeenArrivals {
  readonly companyId: string;
  /** Empty: the company as a whole. */
  readonly campaignId: string;
  /** Since its newest lead, milliseconds. */
  readonly ageMs: number;
  /** In the company's time zone: the day, 1 is Monday, and minutes since midnight. */
  readonly day: number;
  readonly minutes: number;
}

/** Companies and campaigns that have had a lead. */
export async function seeArrivals(database: Database, of: 'company' | 'campaign'): Promise<SeenArrivals[]> {
  const [subjects, campaignId, isOfIt] =
    of === 'company'
      ? [Prisma.sql`companies`, Prisma.sql`''`, Prisma.empty]
      : [
          Prisma.sql`campaigns JOIN companies ON companies.id = campaigns.company_id AND ended_at IS NULL`,
          Prisma.sql`campaigns.campaign_id`,
          Prisma.sql`AND leads.campaign_id = campaigns.campaign_id`,
        ];
  return database.$queryRaw<SeenArrivals[]>`
    SELECT companies.id AS "companyId", ${campaignId} AS "campaignId",
      (EXTRACT(EPOCH FROM now() - newest.received_at) * 1000)::float8 AS "ageMs",
      EXTRACT(ISODOW FROM now() AT TIME ZONE time_zone)::int AS day,
      (EXTRACT(HOUR FROM now() AT TIME ZONE time_zone) * 60 + EXTRACT(MINUTE FROM now() AT TIME ZONE time_zone))::int AS minutes
    FROM ${subjects} CROSS JOIN LATERAL (
      SELECT received_at FROM leads WHERE leads.company_id = companies.id ${isOfIt} ORDER BY leads.id DESC LIMIT 1
    ) AS newest`;
}

export interface SeenWebhook {
  readonly id: string;
  readonly companyId: string;
  readonly url: string;
  readonly disabledAt: Date | null;
  readonly disabledWhy: string | null;
}

/** Those that were switched off because their endpoints failed. */
export async function seeWebhooksOff(database: Database): Promise<SeenWebhook[]> {
  return database.webhook.findMany({
    where: { disabledWhy: { in: ['FAILING', 'GONE'] } },
    select: { id: true, companyId: true, url: true, disabledAt: true, disabledWhy: true },
  });
}

export interface SeenDialer {
  readonly id: string;
  readonly companyId: string;
  readonly baseUrl: string;
  readonly accountId: string;
}

export async function seeDialers(database: Database): Promise<SeenDialer[]> {
  return database.dialer.findMany({
    select: { id: true, companyId: true, baseUrl: true, accountId: true },
  });
}

export async function seeCompanies(database: Database): Promise<NamedCompany[]> {
  return database.company.findMany({ select: { id: true, name: true } });
}

/** Names by company and id; those without are missing. */
export async function seeCampaignNames(
  database: Database,
): Promise<{ readonly companyId: string; readonly campaignId: string; readonly name: string | null }[]> {
  return database.campaign.findMany({
    where: { name: { not: null } },
    select: { companyId: true, campaignId: true, name: true },
  });
}
