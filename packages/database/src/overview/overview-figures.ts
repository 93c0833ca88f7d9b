import type { LeadCount } from '@live-feed/core/lead/lead-figures';
import type { Database } from '../connection/client.ts';
import { Prisma } from '../generated/client.ts';
import type { OverviewTimes, TimeSpan } from './overview-times.ts';

/** Figures for people who look at them now. They read `lead_figures` and what is still to be added to it, never leads. */

/** By the minute in which the leads were received, milliseconds since the epoch; minutes without leads are missing. */
export async function readMinutes(
  database: Database,
  companyId: string | undefined,
  from: Date,
): Promise<Map<number, LeadCount[]>> {
  const rows = await database.$queryRaw<({ readonly at: Date } & LeadCount)[]>`
    SELECT at, state::text AS state, within_ms AS "withinMs", sum(leads)::int AS leads
    FROM (
      SELECT begins_at AS at, state, within_ms, leads FROM lead_figures
      WHERE period = 'minute' AND begins_at >= ${from} ${onlyOf(companyId)}
      UNION ALL
      SELECT received_at, state, within_ms, leads FROM lead_changes WHERE received_at >= ${from} ${onlyOf(companyId)}
    ) AS figures
    GROUP BY 1, 2, 3 HAVING sum(leads) > 0 ORDER BY 1, 2, 3`;
  return grouped(rows.map(({ at, ...count }) => [at.getTime(), count]));
}

/** Times that are compared: see `OverviewTimes`. */
const SPANS = ['lastHour', 'today', 'yesterday', 'lastWeek'] as const;

/** Statements know a span by its place: rows are grouped twice as fast by a number as by a name. */
const placeOf = (span: Span) => Prisma.sql`${SPANS.indexOf(span)}::smallint`;

export type Span = (typeof SPANS)[number];

/** What a campaign did in one of the times. */
export interface CampaignSpan {
  readonly leads: number;
  readonly accepted: number;
  /** Those that acceptance is a share of: see `summarise` in core. */
  readonly tried: number;
}

export interface CampaignSpans extends Readonly<Record<Span, CampaignSpan>> {
  readonly companyId: string;
  readonly company: string;
  readonly campaignId: string;
  /** As the dialing system lists it; null where it was never listed. */
  readonly campaign: string | null;
  /** Of all that have leads in one of the times, the one with the most leads today and yesterday is 1. */
  readonly place: number;
  readonly hasFallen: boolean;
}

/** When a campaign counts as fallen. */
export interface FallenIf {
  /** Its acceptance of the last hour, or of today, is so much lower than last week, or yesterday if there was none: 0 to 1, */
  readonly lowerBy: number;
  /** with so many leads tried in both times; */
  readonly leastTried: number;
  /** or it had so many leads yesterday, and none today. */
  readonly leastLeads: number;
}

export interface SpanFigures {
  readonly bySpan: ReadonlyMap<Span, readonly LeadCount[]>;
  /** By place: the first `limit`, and others that have fallen, `limit` as well at most. */
  readonly campaigns: readonly CampaignSpans[];
  readonly campaignsInAll: number;
}

/**
 * Last week is known by hour: of the hour in progress then, its share is counted. One statement reads the rows once for all and for campaigns: of
 * all companies they are many.
 *
 * @param companyId undefined: all companies
 */
export async function readSpans(
  database: Database,
  companyId: string | undefined,
  times: OverviewTimes,
  { limit, fallenIf }: { readonly limit: number; readonly fallenIf: FallenIf },
): Promise<SpanFigures> {
  const [row] = await database.$queryRaw<SpanRow[]>`
    WITH sums AS MATERIALIZED (
      SELECT span, state, within_ms, company_id, campaign_id, sum(leads) AS leads, GROUPING(company_id) = 1 AS is_of_all
      FROM (${leadsOfSpans(companyId, times)}) AS figures
      GROUP BY GROUPING SETS ((span, state, within_ms), (span, state, company_id, campaign_id))
    ), campaign_spans AS MATERIALIZED (
      SELECT company_id, campaign_id, ${Prisma.join(SPANS.map(columnsOf))} FROM sums WHERE NOT is_of_all GROUP BY 1, 2
    ), ranked AS (
      SELECT *, row_number() OVER (ORDER BY "todayLeads" + "yesterdayLeads" DESC, company_id, campaign_id) AS place, ${hasFallen(fallenIf)} AS "hasFallen"
      FROM campaign_spans
    ), shown AS (
      SELECT * FROM ranked WHERE place <= ${limit}::int
      UNION ALL (SELECT * FROM ranked WHERE "hasFallen" AND place > ${limit}::int ORDER BY place LIMIT ${limit}::int)
    ), named AS (
      SELECT shown.*, shown.company_id AS "companyId", companies.name AS company, shown.campaign_id AS "campaignId", campaigns.name AS campaign
      FROM shown JOIN companies ON companies.id = shown.company_id
      LEFT JOIN campaigns ON campaigns.company_id = shown.company_id AND campaigns.campaign_id = shown.campaign_id
    ), totals AS (
      SELECT span, state, within_ms AS "withinMs", round(leads)::int AS leads FROM sums WHERE is_of_all AND round(leads) > 0
    )
    SELECT (SELECT jsonb_agg(to_jsonb(totals) ORDER BY span, state, "withinMs") FROM totals) AS totals,
      (SELECT jsonb_agg(to_jsonb(named) ORDER BY place) FROM named) AS campaigns, (SELECT count(*)::int FROM campaign_spans) AS "inAll"`;
  return {
    bySpan: new Map(
      SPANS.map((span, place) => [span, (row?.totals ?? []).filter((total) => total.span === place)]),
    ),
    campaigns: (row?.campaigns ?? []).map((campaign) => ({
      ...{ companyId: campaign.companyId, company: campaign.company },
      ...{ campaignId: campaign.campaignId, campaign: campaign.campaign },
      ...{ place: campaign.place, hasFallen: campaign.hasFallen },
      ...{ lastHour: spanOf(campaign, 'lastHour'), today: spanOf(campaign, 'today') },
      ...{ yesterday: spanOf(campaign, 'yesterday'), lastWeek: spanOf(campaign, 'lastWeek') },
    })),
    campaignsInAll: row?.inAll ?? 0,
  };
}

/** Why leads were not accepted today, the most frequent first, by campaign: `<company id> <campaign id>`. */
export async function readReasons(
  database: Database,
  campaigns: readonly Pick<CampaignSpans, 'companyId' | 'campaignId'>[],
  { from }: TimeSpan,
): Promise<Map<string, { readonly reason: string; readonly leads: number }[]>> {
  const rows = await database.$queryRaw<{ key: string; reason: string; leads: number }[]>`
    WITH wanted AS (
      SELECT * FROM jsonb_to_recordset(${JSON.stringify(campaigns)}::jsonb) AS input("companyId" uuid, "campaignId" text)
    ), found AS (
      SELECT company_id, campaign_id, reason, leads FROM wanted
      JOIN lead_figures ON company_id = "companyId" AND campaign_id = "campaignId" AND period = 'minute' AND begins_at >= ${from}
      WHERE state <> 'ACCEPTED'
      UNION ALL
      SELECT company_id, campaign_id, reason, leads FROM lead_changes JOIN wanted ON company_id = "companyId" AND campaign_id = "campaignId"
      WHERE received_at >= ${from} AND state <> 'ACCEPTED'
    )
    SELECT company_id || ' ' || campaign_id AS key, reason, sum(leads)::int AS leads
    FROM found GROUP BY 1, 2 HAVING sum(leads) > 0 ORDER BY 1, 3 DESC, 2`;
  return grouped(rows.map(({ key, ...reason }) => [key, reason]));
}

/** Leads by time, company, campaign, state and how long they took; those of last week may be fractions. */
function leadsOfSpans(companyId: string | undefined, times: OverviewTimes): Prisma.Sql {
  return Prisma.join(
    SPANS.map((span) => {
      const { from, until } = times[span];
      return Prisma.sql`
        SELECT ${placeOf(span)} AS span, company_id, campaign_id, state, within_ms,
          leads * CASE period WHEN 'hour' THEN LEAST(1, extract(epoch FROM ${until}::timestamptz - begins_at) / 3600)::float8 ELSE 1 END AS leads
        FROM lead_figures
        WHERE period IN ('minute', 'hour') AND begins_at >= ${from}::timestamptz AND begins_at < ${until}::timestamptz ${onlyOf(companyId)}
        UNION ALL
        SELECT ${placeOf(span)}, company_id, campaign_id, state, within_ms, leads
        FROM lead_changes WHERE received_at >= ${from}::timestamptz AND received_at < ${until}::timestamptz ${onlyOf(companyId)}`;
    }),
    ' UNION ALL ',
  );
}

const TRIED = Prisma.sql`state IN ('ACCEPTED', 'REJECTED', 'FAILED', 'EXPIRED')`;

type SpanColumn = `${Span}${'Leads' | 'Accepted' | 'Tried'}`;

function columnsOf(span: Span): Prisma.Sql {
  const sum = (name: string, which: Prisma.Sql) => {
    const column = Prisma.raw(`"${span}${name}"`);
    return Prisma.sql`COALESCE(round(sum(leads) FILTER (WHERE span = ${placeOf(span)} ${which})), 0)::int AS ${column}`;
  };
  return Prisma.join([
    sum('Leads', Prisma.empty),
    sum('Accepted', Prisma.sql`AND state = 'ACCEPTED'`),
    sum('Tried', Prisma.sql`AND ${TRIED}`),
  ]);
}

function hasFallen({ lowerBy, leastTried, leastLeads }: FallenIf): Prisma.Sql {
  const acceptance = (span: Span) => Prisma.raw(`("${span}Accepted"::float8 / NULLIF("${span}Tried", 0))`);
  const isEnough = (span: Span) => Prisma.sql`${Prisma.raw(`"${span}Tried"`)} >= ${leastTried}::int`;
  const before = Prisma.sql`(CASE WHEN ${isEnough('lastWeek')} THEN ${acceptance('lastWeek')}
    WHEN ${isEnough('yesterday')} THEN ${acceptance('yesterday')} END)`;
  const isLower = (span: Span) =>
    Prisma.sql`(${isEnough(span)} AND ${before} - ${acceptance(span)} >= ${lowerBy}::float8)`;
  return Prisma.sql`COALESCE("todayLeads" = 0 AND "yesterdayLeads" >= ${leastLeads}::int, false)
    OR COALESCE(${isLower('lastHour')}, false) OR COALESCE(${isLower('today')}, false)`;
}

type FlatCampaign = Omit<CampaignSpans, Span> & Readonly<Record<SpanColumn, number>>;

interface SpanRow {
  readonly totals: readonly ({ readonly span: number } & LeadCount)[] | null;
  readonly campaigns: readonly FlatCampaign[] | null;
  readonly inAll: number;
}

function spanOf(row: FlatCampaign, span: Span): CampaignSpan {
  return { leads: row[`${span}Leads`], accepted: row[`${span}Accepted`], tried: row[`${span}Tried`] };
}

function onlyOf(companyId: string | undefined): Prisma.Sql {
  return companyId === undefined ? Prisma.empty : Prisma.sql`AND company_id = ${companyId}::uuid`;
}

function grouped<Key, Value>(entries: readonly (readonly [Key, Value])[]): Map<Key, Value[]> {
  const groups = new Map<Key, Value[]>();
  for (const [key, value] of entries) {
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [value]);
    else group.push(value);
  }
  return groups;
}
