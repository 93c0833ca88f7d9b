import type { Database } from '@live-feed/database/connection/client';
import type { Company } from '../system/company.ts';

/** What the figures say otherwise than counting the leads does, if none was removed: a sentence for each. */
export async function wrongFigures(database: Database, companies: readonly Company[]): Promise<string[]> {
  const ids = companies.map(({ id }) => id);
  const rows = await database.$queryRaw<{ what: string; said: number; counted: number }[]>`
    WITH counted AS (
      SELECT concat_ws(', ', campaign_id, source, state, reason, received_at::date) AS what, count(*)::int AS leads FROM leads
      WHERE company_id = ANY(${ids}::uuid[]) AND state NOT IN ('QUEUED', 'SENDING', 'UNKNOWN') GROUP BY 1
    ), said AS (
      SELECT concat_ws(', ', campaign_id, NULLIF(source, ''), state, NULLIF(reason, ''), received_at::date) AS what, sum(leads)::int AS leads
      FROM (
        SELECT company_id, begins_at AS received_at, campaign_id, source, state, reason, leads FROM lead_figures
        UNION ALL SELECT company_id, received_at, campaign_id, source, state, reason, leads FROM lead_changes
      ) AS figures
      WHERE company_id = ANY(${ids}::uuid[]) GROUP BY 1
    )
    SELECT what, COALESCE(said.leads, 0) AS said, COALESCE(counted.leads, 0) AS counted FROM counted FULL JOIN said USING (what)
    WHERE COALESCE(said.leads, 0) <> COALESCE(counted.leads, 0) ORDER BY what`;
  return rows.map(({ what, said, counted }) => `${what}: ${said} instead of ${counted}`);
}
