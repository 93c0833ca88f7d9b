import { firstIdAt } from '@live-feed/core/ids';
import type { Database } from '../connection/client.ts';
import { Prisma } from '../generated/client.ts';

/** A company's ANIs as operators see and change them. Phones have 10 digits. */

export interface AniRecord {
  readonly phone: string;
  readonly status: 'ACTIVE' | 'PAUSED';
  /** Its own cap; null: the company's applies. */
  readonly dailyCap: number | null;
  /** The cap that applies. */
  readonly cap: number;
  readonly usedToday: number;
  /** Null if it does not cool down. */
  readonly coolingUntil: Date | null;
  readonly flaggedAt: Date | null;
  readonly lastAssignedAt: Date | null;
  /** The dialing system's ids of the campaigns whose pools it is in. */
  readonly pools: readonly string[];
}

/** Ordered by phone. @param after the last phone of the previous page */
export async function listAnis(
  database: Database,
  companyId: string,
  { after = '', limit }: { readonly after?: string | undefined; readonly limit: number },
): Promise<AniRecord[]> {
  return database.$queryRaw<AniRecord[]>`
    SELECT phone, status::text AS status, daily_cap AS "dailyCap", ${CAP} AS cap, ${USED_TODAY} AS "usedToday",
      CASE WHEN cooling_until > now() THEN cooling_until END AS "coolingUntil", flagged_at AS "flaggedAt",
      last_assigned_at AS "lastAssignedAt",
      ARRAY(
        SELECT campaigns.campaign_id FROM campaign_anis JOIN campaigns ON campaigns.id = campaign_anis.campaign_id
        WHERE ani_id = anis.id ORDER BY 1
      ) AS pools
    FROM anis JOIN companies ON companies.id = anis.company_id
    WHERE anis.company_id = ${companyId}::uuid AND phone > ${after}::char(10)
    ORDER BY phone LIMIT ${limit}`;
}

const CAP = Prisma.sql`COALESCE(daily_cap, ani_daily_cap)`;
const USED_TODAY = Prisma.sql`CASE WHEN used_on = (now() AT TIME ZONE time_zone)::date THEN used ELSE 0 END`;

/** It is not assigned until it is activated. @returns whether the company has it */
export async function pauseAni(database: Database, companyId: string, phone: string): Promise<boolean> {
  return changeAni(database, companyId, phone, { status: 'PAUSED' });
}

/** Also ends a cool-down. @returns whether the company has it */
export async function activateAni(database: Database, companyId: string, phone: string): Promise<boolean> {
  return changeAni(database, companyId, phone, { status: 'ACTIVE', coolingUntil: null });
}

/** For an ANI that was labelled as spam, for example: it cools down for that many days. @returns whether the company has it */
export async function flagAni(
  database: Database,
  companyId: string,
  phone: string,
  days: number,
): Promise<boolean> {
  const changed = await database.$executeRaw`
    UPDATE anis SET flagged_at = now(), cooling_until = now() + ${days}::float8 * interval '1 day'
    WHERE company_id = ${companyId}::uuid AND phone = ${phone}`;
  return changed > 0;
}

async function changeAni(
  database: Database,
  companyId: string,
  phone: string,
  data: Prisma.AniUpdateManyMutationInput,
): Promise<boolean> {
  const { count } = await database.ani.updateMany({ where: { companyId, phone }, data });
  return count > 0;
}

export interface AniRules {
  readonly dailyCap?: number | undefined;
  /** IANA name. */
  readonly timeZone?: string | undefined;
  readonly whenNone?: 'campaign_default' | 'reject' | undefined;
}

/** Undefined values stay unchanged. @throws Error if PostgreSQL does not know the time zone */
export async function setAniRules(
  database: Database,
  companyId: string,
  { dailyCap, timeZone, whenNone }: AniRules,
): Promise<void> {
  await database.company.update({
    where: { id: companyId },
    data: {
      ...(dailyCap === undefined ? {} : { aniDailyCap: dailyCap }),
      ...(timeZone === undefined ? {} : { timeZone }),
      ...(whenNone === undefined ? {} : { whenNoAni: whenNone }),
    },
  });
}

export interface AniStats {
  /** The company's day, `2026-11-25`. */
  readonly today: string;
  readonly anis: number;
  /** Neither paused nor cooling down. */
  readonly usable: number;
  /** Uses today of usable ANIs. */
  readonly used: number;
  /** The sum of the usable ANIs' caps. */
  readonly capacity: number;
  /** Usable ANIs that have reached their caps. */
  readonly atCap: number;
  /** Today's leads with a use, by the tier of their ANIs; the largest number first. */
  readonly tiers: readonly { readonly tier: string; readonly leads: number }[];
  readonly rules: { readonly [Rule in keyof AniRules]-?: NonNullable<AniRules[Rule]> };
}

/** No lead that is sent today was received earlier: a lead's maximum age, and a day for time zones. */
const TODAYS_LEADS_SINCE_MS = 2 * 86_400_000;

/** @param nowMs Unix time @returns undefined if there is no such company */
export async function aniStats(
  database: Database,
  companyId: string,
  nowMs: number,
): Promise<AniStats | undefined> {
  const since = firstIdAt(nowMs - TODAYS_LEADS_SINCE_MS);
  const [stats] = await database.$queryRaw<AniStats[]>`
    WITH company AS (
      SELECT companies.*, (now() AT TIME ZONE time_zone)::date AS today FROM companies WHERE id = ${companyId}::uuid
    ),
    inventory AS (
      SELECT ${CAP} AS cap, ${USED_TODAY} AS used, status = 'ACTIVE' AND (cooling_until IS NULL OR cooling_until <= now()) AS usable
      FROM company JOIN anis ON anis.company_id = company.id
    ),
    tiers AS (
      SELECT ani_tier AS tier, count(*)::int AS leads FROM company JOIN leads ON leads.company_id = company.id
      WHERE leads.id >= ${since}::uuid AND ani_used_on = today AND ani_tier IS NOT NULL
        AND state IN ('QUEUED', 'SENDING', 'UNKNOWN', 'ACCEPTED', 'PARKED')
      GROUP BY ani_tier ORDER BY count(*) DESC, ani_tier
    )
    SELECT today::text, count(cap)::int AS anis, (count(*) FILTER (WHERE usable))::int AS usable,
      COALESCE(sum(used) FILTER (WHERE usable), 0)::int AS used, COALESCE(sum(cap) FILTER (WHERE usable), 0)::float8 AS capacity,
      (count(*) FILTER (WHERE usable AND used >= cap))::int AS "atCap",
      COALESCE((SELECT json_agg(tiers) FROM tiers), '[]') AS tiers,
      json_build_object('dailyCap', ani_daily_cap, 'timeZone', time_zone, 'whenNone', when_no_ani) AS rules
    FROM company LEFT JOIN inventory ON true GROUP BY today, ani_daily_cap, time_zone, when_no_ani`;
  return stats;
}
