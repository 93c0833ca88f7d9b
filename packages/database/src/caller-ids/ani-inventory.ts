import { firstIdAt } from '@live-feed/core/ids';
import type { Database } from '../connection/client.ts';
import { Prisma } from '../generated/client.ts';

/** A company's ANIs as operators see and change them. Phones have 10 digits. */

/**
 * Whether an ANI is assigned now: `free`; `at_cap`: not today any more; `cooling`: not before a moment; `paused`: not until it is activated.
 */
export const ANI_STANDINGS = ['free', 'at_cap', 'cooling', 'paused'] as const;

export type AniStanding = (typeof ANI_STANDINGS)[number];

export interface AniRecord {
  readonly phone: string;
  readonly status: 'ACTIVE' | 'PAUSED';
  readonly standing: AniStanding;
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

export interface AniSearch {
  readonly standing?: AniStanding | undefined;
  /** Only those that were flagged, whether they still cool down or not. */
  readonly flagged?: boolean | undefined;
  /** Only those of these area codes. */
  readonly areaCodes?: readonly string[] | undefined;
  /** Only those in the pool of this campaign, by the dialing system's id. */
  readonly pool?: string | undefined;
  /** The last phone of the previous page. */
  readonly after?: string | undefined;
  readonly limit: number;
}

/** Ordered by phone. */
export async function listAnis(
  database: Database,
  companyId: string,
  { standing, flagged, areaCodes, pool, after = '', limit }: AniSearch,
): Promise<AniRecord[]> {
  const only = (isAsked: boolean, condition: Prisma.Sql) =>
    isAsked ? Prisma.sql`AND ${condition}` : Prisma.empty;
  return database.$queryRaw<AniRecord[]>`
    SELECT phone, status::text AS status, ${STANDING} AS standing, daily_cap AS "dailyCap", ${CAP} AS cap, ${USED_TODAY} AS "usedToday",
      CASE WHEN cooling_until > now() THEN cooling_until END AS "coolingUntil", flagged_at AS "flaggedAt",
      last_assigned_at AS "lastAssignedAt",
      ARRAY(
        SELECT campaigns.campaign_id FROM campaign_anis JOIN campaigns ON campaigns.id = campaign_anis.campaign_id
        WHERE ani_id = anis.id ORDER BY 1
      ) AS pools
    FROM anis JOIN companies ON companies.id = anis.company_id
    WHERE anis.company_id = ${companyId}::uuid AND phone > ${after}::char(10)
      ${only(standing !== undefined, Prisma.sql`${STANDING} = ${standing}`)}
      ${only(flagged === true, Prisma.sql`flagged_at IS NOT NULL`)}
      ${only(areaCodes !== undefined, Prisma.sql`left(phone, 3) = ANY(${[...(areaCodes ?? [])]}::text[])`)}
      ${only(
        pool !== undefined,
        Prisma.sql`EXISTS (
          SELECT FROM campaign_anis JOIN campaigns ON campaigns.id = campaign_anis.campaign_id
          WHERE ani_id = anis.id AND campaigns.campaign_id = ${pool})`,
      )}
    ORDER BY phone LIMIT ${limit}`;
}

const CAP = Prisma.sql`COALESCE(daily_cap, ani_daily_cap)`;
const USED_TODAY = Prisma.sql`CASE WHEN used_on = (now() AT TIME ZONE time_zone)::date THEN used ELSE 0 END`;
const STANDING = Prisma.sql`CASE
  WHEN status = 'PAUSED' THEN 'paused' WHEN cooling_until > now() THEN 'cooling' WHEN ${USED_TODAY} >= ${CAP} THEN 'at_cap' ELSE 'free' END`;

/** A company's ANIs of one area code. */
export interface AreaCodeUses {
  readonly areaCode: string;
  readonly anis: number;
  /** Those of each standing. */
  readonly standings: Readonly<Record<AniStanding, number>>;
  /** Uses today of those that are free or at their caps. */
  readonly used: number;
  /** The sum of their caps. */
  readonly capacity: number;
}

/** Today's uses against the caps, by area code. */
export async function usesByAreaCode(database: Database, companyId: string): Promise<AreaCodeUses[]> {
  return database.$queryRaw<AreaCodeUses[]>`
    SELECT "areaCode", count(*)::int AS anis,
      json_build_object(
        'free', count(*) FILTER (WHERE standing = 'free'), 'at_cap', count(*) FILTER (WHERE standing = 'at_cap'),
        'cooling', count(*) FILTER (WHERE standing = 'cooling'), 'paused', count(*) FILTER (WHERE standing = 'paused')) AS standings,
      COALESCE(sum(used) FILTER (WHERE standing IN ('free', 'at_cap')), 0)::int AS used,
      COALESCE(sum(cap) FILTER (WHERE standing IN ('free', 'at_cap')), 0)::float8 AS capacity
    FROM (
      SELECT left(phone, 3) AS "areaCode", ${STANDING} AS standing, ${CAP} AS cap, ${USED_TODAY} AS used
      FROM anis JOIN companies ON companies.id = anis.company_id WHERE anis.company_id = ${companyId}::uuid
    ) AS inventory GROUP BY "areaCode" ORDER BY "areaCode"`;
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
