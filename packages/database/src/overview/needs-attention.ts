import { firstIdAt } from '@live-feed/core/ids';
import type { Database } from '../connection/client.ts';
import { STEADY_NOW } from '../connection/steady-clock.ts';
import { Prisma } from '../generated/client.ts';
import { IS_PAUSED } from '../pauses/campaign-pauses.ts';

/** What small tables tell of troubles that a person has to end. Of one company, or of all. */

interface OfCompany {
  readonly companyId: string;
  readonly company: string;
}

export interface ParkedLeads extends OfCompany {
  readonly campaignId: string;
  readonly campaign: string | null;
  /** At most `MOST_PARKED` of a company are counted. */
  readonly leads: number;
  /** When the oldest was received. */
  readonly since: Date;
}

export const MOST_PARKED = 1_000;

/** By campaign. Reads an index of the parked leads alone. */
export async function readParkedLeads(
  database: Database,
  companyId: string | undefined,
): Promise<ParkedLeads[]> {
  return database.$queryRaw<ParkedLeads[]>`
    SELECT companies.id AS "companyId", companies.name AS company, parked.campaign_id AS "campaignId", campaigns.name AS campaign,
      count(*)::int AS leads, min(parked.received_at) AS since
    FROM companies
    CROSS JOIN LATERAL (
      SELECT campaign_id, received_at FROM leads WHERE leads.company_id = companies.id AND state = 'PARKED' ORDER BY leads.id LIMIT ${MOST_PARKED}
    ) AS parked
    LEFT JOIN campaigns ON campaigns.company_id = companies.id AND campaigns.campaign_id = parked.campaign_id
    WHERE true ${onlyOf(companyId)}
    GROUP BY 1, 3, 4 ORDER BY 2, 3`;
}

export interface WornCallerIds extends OfCompany {
  readonly anis: number;
  /** Neither paused nor cooling down, */
  readonly usable: number;
  /** and at their caps for today. */
  readonly atCap: number;
  /** Uses of usable ones today, */
  readonly used: number;
  /** and how many there may be. */
  readonly capacity: number;
  /** Leads without a number are rejected; otherwise they are sent without one. */
  readonly rejectsWithoutOne: boolean;
}

/** Companies whose numbers are used up to that share, or that have as large a share of numbers at their caps, or no usable number at all. */
export async function readWornCallerIds(
  database: Database,
  companyId: string | undefined,
  { share, atCap }: { readonly share: number; readonly atCap: number },
): Promise<WornCallerIds[]> {
  return database.$queryRaw<WornCallerIds[]>`
    WITH days AS MATERIALIZED (
      SELECT id, ani_daily_cap, (now() AT TIME ZONE time_zone)::date AS today FROM companies WHERE true ${onlyOf(companyId)}
    ), counted AS (
      SELECT company_id, count(*)::int AS anis, (count(*) FILTER (WHERE usable))::int AS usable,
        (count(*) FILTER (WHERE usable AND used >= cap))::int AS "atCap",
        COALESCE(sum(used) FILTER (WHERE usable), 0)::int AS used, COALESCE(sum(cap) FILTER (WHERE usable), 0)::float8 AS capacity
      FROM (
        SELECT company_id, COALESCE(daily_cap, ani_daily_cap) AS cap, status = 'ACTIVE' AND (cooling_until IS NULL OR cooling_until <= now()) AS usable,
          CASE WHEN used_on = today THEN used ELSE 0 END AS used
        FROM anis JOIN days ON days.id = anis.company_id
      ) AS inventory GROUP BY company_id
    )
    SELECT companies.id AS "companyId", name AS company, anis, usable, "atCap", used, capacity, when_no_ani = 'reject' AS "rejectsWithoutOne"
    FROM counted JOIN companies ON companies.id = company_id
    WHERE usable = 0 OR used >= capacity * ${share}::float8 OR "atCap" >= usable * ${atCap}::float8
    ORDER BY name`;
}

export interface TroubledWebhook extends OfCompany {
  readonly id: string;
  readonly url: string;
  /** `FAILING` or `GONE` if it was switched off for that; null: it is on. */
  readonly disabledWhy: string | null;
  /** Too many of its events wait: no more are written. */
  readonly isFull: boolean;
  readonly since: Date;
  readonly lastResult: string | null;
}

/** Those that were switched off by hand are in no trouble, and those that fail for less than that time are not yet. */
export async function readTroubledWebhooks(
  database: Database,
  companyId: string | undefined,
  failingForMs: number,
): Promise<TroubledWebhook[]> {
  return database.$queryRaw<TroubledWebhook[]>`
    SELECT companies.id AS "companyId", name AS company, webhooks.id, url, disabled_why AS "disabledWhy", full_since IS NOT NULL AS "isFull",
      COALESCE(disabled_at, full_since, failing_since) AS since, last_result AS "lastResult"
    FROM webhooks JOIN companies ON companies.id = company_id
    WHERE (disabled_why IS NULL OR disabled_why <> 'BY_HAND')
      AND (disabled_at IS NOT NULL OR full_since IS NOT NULL OR failing_since < now() - ${failingForMs}::float8 * interval '1 millisecond')
      ${onlyOf(companyId)}
    ORDER BY name, slot`;
}

export interface EndingKey extends OfCompany {
  readonly id: string;
  readonly label: string | null;
  /** Its last two characters. */
  readonly hint: string;
  readonly endsAt: Date;
}

/** Active keys that end within that time, or have ended within a day. */
export async function readEndingKeys(
  database: Database,
  companyId: string | undefined,
  withinMs: number,
): Promise<EndingKey[]> {
  return database.$queryRaw<EndingKey[]>`
    SELECT companies.id AS "companyId", name AS company, api_keys.id, settings->>'label' AS label, hint, expires_at AS "endsAt"
    FROM api_keys JOIN companies ON companies.id = company_id
    WHERE active AND expires_at > now() - interval '1 day' AND expires_at < now() + ${withinMs}::float8 * interval '1 millisecond' ${onlyOf(companyId)}
    ORDER BY expires_at, name`;
}

export interface FailedSync extends OfCompany {
  readonly failure: string;
  /** Of the last list that was read; null: none yet. */
  readonly syncedAt: Date | null;
}

/** Dialers whose campaigns could not be read the last time. */
export async function readFailedSyncs(
  database: Database,
  companyId: string | undefined,
): Promise<FailedSync[]> {
  return database.$queryRaw<FailedSync[]>`
    SELECT companies.id AS "companyId", name AS company, failure, synced_at AS "syncedAt"
    FROM campaign_syncs JOIN dialers ON dialers.id = dialer_id JOIN companies ON companies.id = company_id
    WHERE failure IS NOT NULL ${onlyOf(companyId)} ORDER BY name`;
}

export interface PausedCampaign extends OfCompany {
  readonly campaignId: string;
  readonly campaign: string | null;
  readonly kind: string;
  readonly since: Date;
  /** Null: until it is resumed. */
  readonly until: Date | null;
  readonly because: string | null;
  /** Who paused it; null where the audit log does not know. */
  readonly by: string | null;
}

/** The entry is made just before the pause, by a clock that may differ a little. */
const RECORDED_AROUND = Prisma.sql`interval '1 minute'`;

export async function readPausedCampaigns(
  database: Database,
  companyId: string | undefined,
): Promise<PausedCampaign[]> {
  return database.$queryRaw<PausedCampaign[]>`
    SELECT companies.id AS "companyId", companies.name AS company, campaigns.campaign_id AS "campaignId",
      COALESCE(own_name, campaigns.name) AS campaign, paused AS kind, paused_at AS since, paused_until AS until, paused_because AS because,
      (SELECT actor FROM audit_entries
        WHERE audit_entries.company_id = companies.id AND operation = 'campaign.pause' AND input->>'campaignId' = campaigns.campaign_id
          AND at BETWEEN paused_at - ${RECORDED_AROUND} AND paused_at + ${RECORDED_AROUND}
        ORDER BY audit_entries.id DESC LIMIT 1) AS by
    FROM campaigns JOIN companies ON companies.id = campaigns.company_id
    WHERE ${IS_PAUSED} ${onlyOf(companyId)} ORDER BY 2, 3`;
}

export interface SilentPhoneCheck extends OfCompany {
  /** What becomes of leads whose phone it says nothing about: `send` or `refuse`. */
  readonly unanswered: string;
  readonly refused: number;
  readonly sent: number;
  /** The first of them. */
  readonly since: Date;
}

/** Of a company so many requests and leads are looked at, at most. */
const MOST_UNCHECKED = 50;

/** Companies whose check of phones left leads of that time without an answer: requests that were refused for it, and leads that were sent all the same. */
export async function readSilentPhoneChecks(
  database: Database,
  companyId: string | undefined,
  { nowMs, withinMs }: { readonly nowMs: number; readonly withinMs: number },
): Promise<SilentPhoneCheck[]> {
  // Ids are in the order of time: so only an index range of each company is read.
  const first = Prisma.sql`${firstIdAt(Math.max(0, nowMs - withinMs))}::uuid`;
  return database.$queryRaw<SilentPhoneCheck[]>`
    SELECT companies.id AS "companyId", companies.name AS company, unanswered, refused.count AS refused, sent.count AS sent,
      LEAST(refused.since, sent.since) AS since
    FROM phone_checks JOIN companies ON companies.id = phone_checks.company_id
    CROSS JOIN LATERAL (
      SELECT count(*)::int AS count, min(at) AS since FROM (
        SELECT at, code FROM refused_requests WHERE company_id = companies.id AND id >= ${first} ORDER BY id DESC LIMIT ${MOST_UNCHECKED}
      ) AS latest WHERE code = 'PHONE_CHECK_UNAVAILABLE'
    ) AS refused
    CROSS JOIN LATERAL (
      SELECT count(*)::int AS count, min(received_at) AS since FROM (
        SELECT received_at, phone_check FROM leads WHERE leads.company_id = companies.id AND leads.id >= ${first} ORDER BY leads.id DESC LIMIT ${MOST_UNCHECKED}
      ) AS latest WHERE phone_check->>'result' = 'unanswered'
    ) AS sent
    WHERE refused.count + sent.count > 0 ${onlyOf(companyId)} ORDER BY 2`;
}

/**
 * For how long workers have run without removing old leads, by the steady clock: they go on by themselves unless the cutoff is too far
 * behind; see `upkeep/retention-cutoff.ts`. Null before the first time.
 */
export async function readRetentionPause(database: Database): Promise<number | null> {
  const [row] = await database.$queryRaw<{ pausedMs: number | null }[]>`
    SELECT (${STEADY_NOW} - steady_ms)::float8 AS "pausedMs" FROM retention`;
  return row?.pausedMs ?? null;
}

function onlyOf(companyId: string | undefined): Prisma.Sql {
  return companyId === undefined ? Prisma.empty : Prisma.sql`AND companies.id = ${companyId}::uuid`;
}
