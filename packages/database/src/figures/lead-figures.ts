import type { LeadCount } from '@live-feed/core/lead/lead-figures';
import type { Database } from '../connection/client.ts';
import { Prisma } from '../generated/client.ts';

/** What figures can be told apart by. */
export const FIGURES_BY = ['company', 'campaign', 'source', 'reason', 'hour', 'day'] as const;

export type FiguresBy = (typeof FIGURES_BY)[number];

export interface FiguresQuery {
  /** Undefined: of all companies. */
  readonly companyId?: string | undefined;
  readonly campaignId?: string | undefined;
  /** The label of the key. */
  readonly source?: string | undefined;
  /** Leads received in this time; milliseconds since the epoch. Beyond two days ago it is rounded to hours, beyond two months to days. */
  readonly fromMs: number;
  readonly toMs: number;
  readonly by: FiguresBy;
}

/** By key: an id, a label, a reason, or the beginning of an hour or day in ISO 8601; empty if the leads have none. In their order. */
export async function readFigures(
  database: Database,
  { companyId, campaignId, source, fromMs, toMs, by }: FiguresQuery,
): Promise<Map<string, LeadCount[]>> {
  const rows = await database.$queryRaw<({ readonly key: string } & LeadCount)[]>`
    SELECT ${KEYS[by]} AS key, state::text AS state, within_ms AS "withinMs", sum(leads)::int AS leads
    FROM (
      SELECT company_id, begins_at, campaign_id, source, state, reason, within_ms, leads FROM lead_figures
      WHERE period IN ('minute', 'hour', 'day') AND begins_at >= ${new Date(fromMs)}::timestamptz AND begins_at < ${new Date(toMs)}::timestamptz
        ${onlyThe('company_id', companyId, 'uuid')}
      UNION ALL
      SELECT company_id, received_at, campaign_id, source, state, reason, within_ms, leads FROM lead_changes
      WHERE received_at >= ${new Date(fromMs)}::timestamptz AND received_at < ${new Date(toMs)}::timestamptz ${onlyThe('company_id', companyId, 'uuid')}
    ) AS figures JOIN companies ON companies.id = company_id
    WHERE true ${onlyThe('campaign_id', campaignId)} ${onlyThe('source', source)}
    GROUP BY 1, 2, 3 HAVING sum(leads) <> 0 ORDER BY 1, 2, 3`;
  const figures = new Map<string, LeadCount[]>();
  for (const { key, ...count } of rows) figures.set(key, [...(figures.get(key) ?? []), count]);
  return figures;
}

const beginning = (period: 'hour' | 'day') =>
  Prisma.sql`to_char(date_trunc(${period}, begins_at, time_zone) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')`;

const KEYS: Readonly<Record<FiguresBy, Prisma.Sql>> = {
  company: Prisma.sql`company_id::text`,
  campaign: Prisma.sql`campaign_id`,
  source: Prisma.sql`source`,
  reason: Prisma.sql`reason`,
  hour: beginning('hour'),
  day: beginning('day'),
};

function onlyThe(column: string, value: string | undefined, type = 'text'): Prisma.Sql {
  return value === undefined
    ? Prisma.empty
    : Prisma.sql`AND ${Prisma.raw(column)} = ${value}::${Prisma.raw(type)}`;
}
