import type { Database } from '../connection/client.ts';

/** Figures of dialers for monitoring, by dialer id. Dialers without such leads or ANIs are missing. */

/** Leads that need a person. */
export async function countParkedLeads(database: Database): Promise<Map<string, number>> {
  const rows = await database.$queryRaw<{ dialerId: string; count: number }[]>`
    SELECT dialer_id AS "dialerId", count(*)::int AS count FROM leads WHERE state = 'PARKED' GROUP BY dialer_id`;
  return new Map(rows.map(({ dialerId, count }) => [dialerId, count]));
}

/**
 * The used share of today's caps of the companies' usable ANIs, from 0 to 1. Reads every ANI of these companies.
 *
 * @param dialerIds the dialers of these companies
 */
export async function aniCapsUsed(
  database: Database,
  dialerIds: readonly string[],
): Promise<Map<string, number>> {
  if (dialerIds.length === 0) return new Map();
  const rows = await database.$queryRaw<{ dialerId: string; share: number }[]>`
    SELECT dialers.id AS "dialerId",
      (sum(CASE WHEN used_on = (now() AT TIME ZONE time_zone)::date THEN used ELSE 0 END)::float8
        / NULLIF(sum(COALESCE(daily_cap, ani_daily_cap)), 0)) AS share
    FROM dialers JOIN companies ON companies.id = dialers.company_id JOIN anis ON anis.company_id = companies.id
    WHERE dialers.id = ANY(${[...dialerIds]}::uuid[]) AND status = 'ACTIVE' AND (cooling_until IS NULL OR cooling_until <= now())
    GROUP BY dialers.id HAVING sum(COALESCE(daily_cap, ani_daily_cap)) > 0`;
  return new Map(rows.map(({ dialerId, share }) => [dialerId, share]));
}
