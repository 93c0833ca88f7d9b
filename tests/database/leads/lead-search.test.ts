import { newId } from '@live-feed/core/ids';
import type { Database } from '@live-feed/database/connection/client';
import type { QueryRaw } from '@live-feed/database/connection/raw-statements';
import { Prisma } from '@live-feed/database/generated/client';
import { findLeadPage, type LeadFilter } from '@live-feed/database/leads/search/lead-search';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { connectDatabase, useDatabase } from '../../kit/services/database.ts';
import { openSession } from '../connection/session.ts';

/** Searches in a large table: one company has nearly all of it, and each filter fits few of its leads, the oldest ones. */

const server = useDatabase();
const companyId = newId();
const LEADS = Number(process.env['LEADS'] ?? 200_000);
const RARE = 1_000;
const RARE_FROM = LEADS / 4;
/** Of the oldest lead; one comes every 50 ms. */
const BEGAN_MS = Date.parse('2026-11-01T00:00:00Z');
let database: Database;

beforeAll(async () => {
  database = connectDatabase(server.url);
  const client = new pg.Client({ connectionString: server.url });
  await client.connect();
  await client.query(
    `INSERT INTO leads (id, company_id, dialer_id, campaign_id, source, state, reason, caller_id, phone_digest, phone_last2, payload, received_at,
       deadline, due_at, expires_at)
     SELECT (substr(time, 1, 8) || '-' || substr(time, 9) || '-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, $1, $1,
       CASE WHEN rare = 1 THEN 'rare' ELSE 'usual' END, CASE WHEN rare = 2 THEN 'rare' ELSE 'usual' END,
       (CASE WHEN rare = 3 THEN 'FAILED' ELSE 'ACCEPTED' END)::lead_state,
       CASE WHEN rare = 3 THEN 'DIALER_FAILED' ELSE 'DIALER_ACCEPTED' END, CASE WHEN rare = 4 THEN '2065550199' ELSE '2065550100' END,
       lpad(to_hex(n % 100000), 64, '0'), '00', 'sealed', received, received, received, received
     FROM (
       SELECT n, lpad(to_hex($2::bigint + n * 50), 12, '0') AS time, to_timestamp(($2::bigint + n * 50) / 1000.0) AS received,
         CASE WHEN n <= ${RARE_FROM} THEN n % ${RARE} END AS rare
       FROM generate_series(1, ${LEADS}) AS n
     ) AS made`,
    [companyId, BEGAN_MS],
  );
  await client.query('ANALYZE leads');
  await client.end();
}, 120_000);
afterAll(() => database?.$disconnect());

const AT = 'leads_company_id_';

test.each<[string, LeadFilter, string]>([
  ['nothing', {}, `${AT}id_idx`],
  ['a time', { fromMs: BEGAN_MS + 60_000, toMs: BEGAN_MS + 120_000 }, `(${AT}id_idx|leads_pkey)`],
  ['a phone', { phoneDigest: '2a'.padStart(64, '0') }, `${AT}phone_digest_id_idx`],
  ['a campaign', { campaignId: 'rare' }, `${AT}campaign_id_id_idx`],
  ['a campaign without leads', { campaignId: 'none' }, `${AT}campaign_id_id_idx`],
  ['a source', { source: 'rare' }, `${AT}source_id_idx`],
  ['a state', { states: ['FAILED'] }, `${AT}state_id_idx`],
  ['a state without leads', { states: ['PARKED'] }, `${AT}state_id_idx`],
  ['a reason', { reason: 'DIALER_FAILED' }, `${AT}reason_id_idx`],
  ['the reason of nearly all', { reason: 'DIALER_ACCEPTED' }, `${AT}id_idx`],
  ['a caller ID', { callerId: '2065550199' }, `${AT}caller_id_id_idx`],
  ['a caller ID in a campaign', { callerId: '2065550199', campaignId: 'rare' }, `${AT}caller_id_id_idx`],
  ['states that nobody has', { states: ['PARKED', 'EXPIRED'] }, `${AT}id_idx`],
])('a search for %s reads a part of one index', async (_what, filter, index) => {
  const { text, pages, rows } = await planOf({ companyId, ...filter });
  expect(/"Index Name":"(\w+)"/.exec(text)?.[1]).toMatch(new RegExp(`^${index}$`));
  expect(text.includes('"Seq Scan"')).toBe(false);
  expect(rows).toBeLessThanOrEqual(10_000);
  // A few pages more than the leads that are looked at fill.
  expect(pages).toBeLessThan(2_000);
});

test.each<[string, LeadFilter, (n: number) => boolean]>([
  ['a campaign', { campaignId: 'rare' }, (n) => n % RARE === 1],
  ['a caller ID', { callerId: '2065550199' }, (n) => n % RARE === 4],
  [
    'states, beyond the leads that one statement looks at',
    { states: ['FAILED', 'PARKED'] },
    (n) => n % RARE === 3,
  ],
  [
    'states and a reason of all companies',
    { companyId: undefined, states: ['FAILED'] },
    (n) => n % RARE === 3,
  ],
])(
  'page by page, a search for %s finds each lead that fits, once, newest first',
  async (_what, filter, isRare) => {
    const found: string[] = [];
    let pages = 0;
    for (let olderThan: string | undefined; ; pages += 1) {
      const page = await findLeadPage(database, { companyId, ...filter }, { olderThan, limit: 20 });
      expect(page.leads.length).toBeLessThanOrEqual(20);
      found.push(...page.leads.map(({ id }) => id));
      olderThan = page.next;
      if (olderThan === undefined) break;
    }
    const numbers = found.map((id) => Number.parseInt(id.slice(24), 16));
    const expected = Array.from({ length: RARE_FROM }, (_, at) => RARE_FROM - at).filter(isRare);
    expect(numbers).toEqual(expected);
    expect(pages).toBeGreaterThan(1);
  },
);

test('a time is that of receiving, to the millisecond', async () => {
  const filter = { companyId, fromMs: BEGAN_MS + 500, toMs: BEGAN_MS + 650 };
  const { leads, next } = await findLeadPage(database, filter, { limit: 10 });
  expect(leads.map(({ receivedAt }) => receivedAt.getTime() - BEGAN_MS)).toEqual([600, 550, 500]);
  expect(next).toBeUndefined();
});

interface Plan {
  readonly 'Node Type': string;
  readonly 'Actual Rows': number;
  readonly 'Shared Hit Blocks': number;
  readonly 'Shared Read Blocks': number;
  readonly Plans?: readonly Plan[];
}

/** @returns of the first statement of a search: its plan as JSON text, the pages it reads, and the most rows that a step has */
async function planOf(filter: LeadFilter) {
  const statements: { sql: string; params: unknown[] }[] = [];
  const $queryRaw = (async (...[statement, ...values]: Parameters<QueryRaw>) => {
    const { text, values: params } = Prisma.sql(statement as TemplateStringsArray, ...values);
    statements.push({ sql: text, params });
    return database.$queryRaw(statement, ...values);
  }) as QueryRaw;
  await findLeadPage({ $queryRaw }, filter, { limit: 50 });
  const client = await openSession(server.url);
  const [{ sql, params } = { sql: '', params: [] }] = statements;
  const { rows } = await client.query<{ 'QUERY PLAN': [{ Plan: Plan }] }>(
    `EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) ${sql}`,
    params,
  );
  const plan = rows[0]?.['QUERY PLAN'][0].Plan;
  if (plan === undefined) throw new Error('PostgreSQL gave no plan.');
  return {
    text: JSON.stringify(plan),
    pages: plan['Shared Hit Blocks'] + plan['Shared Read Blocks'],
    rows: mostRows(plan),
  };
}

function mostRows({ 'Actual Rows': rows, Plans: inner = [] }: Plan): number {
  return Math.max(rows, ...inner.map(mostRows));
}
