import { firstIdAt } from '@live-feed/core/ids';
import type { LeadRecord } from '@live-feed/core/lead/lead-record';
import { type LeadState, OPEN_STATES } from '@live-feed/core/lead/lead-state';
import type { Database } from '../../connection/client.ts';
import { Prisma } from '../../generated/client.ts';

/** What people look for. Each that is left out is any. */
export interface LeadFilter {
  readonly companyId?: string | undefined;
  /** Of the company named. */
  readonly phoneDigest?: string | undefined;
  readonly campaignId?: string | undefined;
  readonly source?: string | undefined;
  readonly states?: readonly LeadState[] | undefined;
  /** 10 digits. */
  readonly callerId?: string | undefined;
  readonly reason?: string | undefined;
  /** Received at or after the one and before the other, milliseconds since the epoch. */
  readonly fromMs?: number | undefined;
  readonly toMs?: number | undefined;
  /** Received by then, and ended by then if they have; milliseconds since the epoch. */
  readonly asOfMs?: number | undefined;
  /** Only leads that no other lead sends again. */
  readonly notSentAgain?: true;
}

export interface FoundLead extends LeadRecord {
  /** Number of uploads started for it. */
  readonly attempt: number;
}

export interface LeadPage {
  /** Newest first. May be fewer than asked for though there are more. */
  readonly leads: readonly FoundLead[];
  /** Goes on from here, with leads older than this id; undefined: all were looked at. */
  readonly next: string | undefined;
}

/** Entries of an index that a statement reads at most: a few milliseconds. */
const WINDOW = 10_000;
/** No further window is begun after this time; the page says where to go on. */
const LONGEST_MS = 100;

/** A lead's id is made after it was received, on the same clock, and well before its caller stops waiting. */
const ID_MADE_WITHIN_MS = 60_000;

/**
 * Leads that a filter fits, newest first. What it costs does not depend on the number of leads: the index that fits the filter best is read in
 * windows of bounded size, and a page ends after a time. Where few of many leads fit, a page can have fewer than `limit`, even none, and says
 * where to go on.
 *
 * @param page.olderThan an id: only leads older than that
 */
export async function findLeadPage(
  database: Pick<Database, '$queryRaw'>,
  filter: LeadFilter,
  page: { readonly olderThan?: string | undefined; readonly limit: number },
): Promise<LeadPage> {
  const leads: FoundLead[] = [];
  const beganAt = performance.now();
  for (let olderThan = page.olderThan; ; ) {
    const wanted = page.limit - leads.length;
    const window = await readWindow(database, filter, olderThan, wanted);
    leads.push(...window.leads);
    if (leads.length >= page.limit) return { leads, next: leads.at(-1)?.id };
    if (window.lastId === null) return { leads, next: undefined };
    olderThan = window.lastId;
    if (performance.now() - beganAt > LONGEST_MS) return { leads, next: olderThan };
  }
}

interface Window {
  readonly leads: readonly FoundLead[];
  /** The last id that was looked at; null: there are no further ones. */
  readonly lastId: string | null;
}

async function readWindow(
  database: Pick<Database, '$queryRaw'>,
  filter: LeadFilter,
  olderThan: string | undefined,
  wanted: number,
): Promise<Window> {
  const { range, order } = indexRange(filter, olderThan);
  const rows = await database.$queryRaw<(FoundLead & { readonly lastId: string | null })[]>`
    WITH looked_at AS MATERIALIZED (
      SELECT id, company_id, state, attempt, campaign_id, source, phone_digest, phone_last2, caller_id, ani_tier, reason, outcome_source, received_at,
        finished_at
      FROM leads WHERE ${range} ORDER BY ${order} LIMIT ${WINDOW}
    ),
    fitting AS (
      SELECT * FROM looked_at WHERE ${conditions(filter)} ORDER BY id DESC LIMIT ${wanted}
    )
    SELECT edge."lastId", fitting.id, company_id AS "companyId", state::text AS state, attempt, campaign_id AS "campaignId", source,
      phone_last2 AS "phoneLast2", caller_id AS "callerId", ani_tier AS "aniTier", reason, outcome_source AS "outcomeSource",
      received_at AS "receivedAt", finished_at AS "finishedAt"
    FROM (
      SELECT CASE WHEN (SELECT count(*) FROM looked_at) >= ${WINDOW} THEN (SELECT id FROM looked_at ORDER BY id LIMIT 1) END AS "lastId"
    ) AS edge LEFT JOIN fitting ON true ORDER BY fitting.id DESC`;
  const lastId = rows[0]?.lastId ?? null;
  return { leads: rows.flatMap(({ lastId: _, ...lead }) => (lead.id === null ? [] : lead)), lastId };
}

/**
 * The part of one index that is read. With `BETWEEN` and its order, only the index meant has the rows as they are wanted: with `=` PostgreSQL
 * may read all leads by their ids, in search of a few.
 */
function indexRange(
  filter: LeadFilter,
  olderThan: string | undefined,
): { readonly range: Prisma.Sql; readonly order: Prisma.Sql } {
  const { companyId, fromMs, asOfMs } = filter;
  const toMs = earlier(filter.toMs, asOfMs);
  const ids = [
    ...(olderThan === undefined ? [] : [Prisma.sql`id < ${olderThan}::uuid`]),
    ...(fromMs === undefined ? [] : [Prisma.sql`id >= ${firstIdAt(Math.max(0, fromMs))}::uuid`]),
    ...(toMs === undefined
      ? []
      : [Prisma.sql`id < ${firstIdAt(Math.max(0, toMs + ID_MADE_WITHIN_MS))}::uuid`]),
  ];
  const company = Prisma.sql`company_id = ${companyId ?? null}::uuid`;
  const of = (column: string, is: Prisma.Sql) => ({
    range: Prisma.join([is, ...(column === 'company_id' ? [] : [company]), ...ids], ' AND '),
    order: Prisma.sql`${Prisma.raw(column)}, id DESC`,
  });
  if (companyId !== undefined) {
    const { phoneDigest, callerId, reason, source, campaignId, states } = filter;
    if (phoneDigest !== undefined)
      return of('phone_digest', between('phone_digest', phoneDigest, 'char(64)'));
    if (callerId !== undefined) return of('caller_id', between('caller_id', callerId, 'char(10)'));
    if (reason !== undefined && reason !== 'DIALER_ACCEPTED') {
      return of('reason', Prisma.sql`reason <> 'DIALER_ACCEPTED' AND ${between('reason', reason)}`);
    }
    const [state, ...others] = states ?? [];
    // Leads in other states than ACCEPTED are few as a rule.
    if (state !== undefined && others.length === 0 && state !== 'ACCEPTED') {
      return of('state', between('state', state, 'lead_state'));
    }
    if (campaignId !== undefined) return of('campaign_id', between('campaign_id', campaignId));
    if (source !== undefined) return of('source', between('source', source));
    if (state !== undefined && others.length === 0) return of('state', between('state', state, 'lead_state'));
    return of('company_id', between('company_id', companyId, 'uuid'));
  }
  return {
    range: ids.length === 0 ? Prisma.sql`true` : Prisma.join(ids, ' AND '),
    order: Prisma.sql`id DESC`,
  };
}

function between(column: string, value: string, type = 'text'): Prisma.Sql {
  const typed = Prisma.sql`${value}::${Prisma.raw(type)}`;
  return Prisma.sql`${Prisma.raw(column)} BETWEEN ${typed} AND ${typed}`;
}

function conditions(filter: LeadFilter): Prisma.Sql {
  const { companyId, phoneDigest, campaignId, source, states, callerId, reason, fromMs, toMs, asOfMs } =
    filter;
  const all = [
    Prisma.sql`true`,
    ...(companyId === undefined ? [] : [Prisma.sql`company_id = ${companyId}::uuid`]),
    ...(phoneDigest === undefined ? [] : [Prisma.sql`phone_digest = ${phoneDigest}::char(64)`]),
    ...(campaignId === undefined ? [] : [Prisma.sql`campaign_id = ${campaignId}`]),
    ...(source === undefined ? [] : [Prisma.sql`source = ${source}`]),
    ...(states === undefined ? [] : [Prisma.sql`state = ANY(${[...states]}::lead_state[])`]),
    ...(callerId === undefined ? [] : [Prisma.sql`caller_id = ${callerId}::char(10)`]),
    ...(reason === undefined ? [] : [IS_FOR(reason)]),
    ...(fromMs === undefined ? [] : [Prisma.sql`received_at >= ${new Date(fromMs)}::timestamptz`]),
    ...(toMs === undefined ? [] : [Prisma.sql`received_at < ${new Date(toMs)}::timestamptz`]),
    ...(asOfMs === undefined ? [] : [WAS_THERE(asOfMs)]),
    ...(filter.notSentAgain ? [NOT_SENT_AGAIN] : []),
  ];
  return Prisma.join(all, ' AND ');
}

function earlier(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || b === undefined ? (a ?? b) : Math.min(a, b);
}

const WAS_THERE = (asOfMs: number) =>
  Prisma.sql`GREATEST(received_at, finished_at) <= ${new Date(asOfMs)}::timestamptz`;

const NOT_SENT_AGAIN = Prisma.sql`NOT EXISTS (SELECT FROM leads AS again WHERE again.resent_from = looked_at.id)`;

/** While a lead is under way, its row has the reason of an earlier attempt. */
const IS_FOR = (reason: string) =>
  Prisma.sql`reason = ${reason} AND state NOT IN (${Prisma.join(OPEN_STATES.map((state) => Prisma.raw(`'${state}'`)))})`;
