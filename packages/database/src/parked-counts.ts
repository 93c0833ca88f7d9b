import type { Database } from './client.ts';

/** Leads that wait for a person, by dialer; dialers without any are not there. */
export async function countParkedLeads(database: Database): Promise<Map<string, number>> {
  const rows = await database.$queryRaw<{ dialerId: string; count: number }[]>`
    SELECT dialer_id AS "dialerId", count(*)::int AS count FROM leads WHERE state = 'PARKED' GROUP BY dialer_id`;
  return new Map(rows.map(({ dialerId, count }) => [dialerId, count]));
}
