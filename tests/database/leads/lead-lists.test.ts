import { newId } from '@live-feed/core/ids';
import type { QueryRaw } from '@live-feed/database/connection/raw-statements';
import { Prisma } from '@live-feed/database/generated/client';
import { searchLeads } from '@live-feed/database/leads/lead-status';
import pg from 'pg';
import { beforeAll, expect, test } from 'vitest';
import { connectDatabase, useDatabase } from '../../kit/services/database.ts';
import { openSession } from '../connection/session.ts';

/** Lists of a large table: one company has nearly all of it, and each filter fits few of its leads, the oldest ones. */

const server = useDatabase();
const companyId = newId();
const LEADS = 300_000;
const RARE = 1_000;

beforeAll(async () => {
  const client = new pg.Client({ connectionString: server.url });
  await client.connect();
  await client.query(
    `INSERT INTO leads (id, company_id, dialer_id, campaign_id, state, phone_digest, phone_last2, payload, received_at, deadline, due_at, expires_at)
     SELECT ('019aaaaa-' || lpad(to_hex(n / 65536), 4, '0') || '-7' || lpad(to_hex(n % 4096), 3, '0') || '-8000-' || lpad(to_hex(n), 12, '0'))::uuid,
       $1, $1, CASE WHEN n % ${RARE} = 1 AND n < ${LEADS / 2} THEN 'rare' ELSE 'usual' END,
       (CASE WHEN n % ${RARE} = 2 AND n < ${LEADS / 2} THEN 'FAILED' ELSE 'ACCEPTED' END)::lead_state,
       lpad(to_hex(n % 100000), 64, '0'), '00', 'sealed', now(), now(), now(), now()
     FROM generate_series(1, ${LEADS}) AS n`,
    [companyId],
  );
  await client.query('ANALYZE leads');
  await client.end();
});

type Filter = Partial<Omit<Parameters<typeof searchLeads>[1], 'companyId' | 'limit'>>;

/** Of a key that is limited to them, one of them repeated. */
const CAMPAIGNS = ['rare', 'none', 'another', 'rare'];

test.each<[string, Filter, string]>([
  ['no filter', {}, 'leads_'],
  ['a campaign', { campaignId: 'rare' }, 'leads_company_id_campaign_id_id_idx'],
  ['a campaign without leads', { campaignId: 'none' }, 'leads_company_id_campaign_id_id_idx'],
  ['a state', { state: 'FAILED' }, 'leads_company_id_state_id_idx'],
  ['a phone', { phoneDigest: '2a'.padStart(64, '0') }, 'leads_company_id_phone_digest_id_idx'],
  ['one reached campaign', { campaigns: ['rare'] }, 'leads_company_id_campaign_id_id_idx'],
])('a list by %s reads little, by its index', async (_filter, search, index) => {
  const { text, pages } = await planOf(search);
  expect(text).toContain(`"Index Name":"${index}`);
  expect(text).not.toMatch(/"(Seq Scan|Sort)"/);
  expect(pages).toBeLessThan(500);
});

test.each<[string, Filter, string]>([
  ['no filter', {}, 'leads_company_id_campaign_id_id_idx'],
  [
    'a common campaign beside them',
    { campaigns: [...CAMPAIGNS, 'usual'] },
    'leads_company_id_campaign_id_id_idx',
  ],
  ['a phone', { phoneDigest: '2a'.padStart(64, '0') }, 'leads_company_id_phone_digest_id_idx'],
  ['a state', { campaigns: ['usual', 'none'], state: 'FAILED' }, 'leads_company_id_state_id_idx'],
  ['a page', { olderThan: '019aaaaa-0001-7000-8000-000000010000' }, 'leads_company_id_campaign_id_id_idx'],
])('a list of some campaigns by %s reads little, by its index', async (_filter, search, index) => {
  const { text, pages } = await planOf({ campaigns: CAMPAIGNS, ...search });
  expect(text).toContain(`"Index Name":"${index}`);
  expect(text).not.toContain('"Seq Scan"');
  expect(pages).toBeLessThan(1_000);
});

test('a list of some campaigns has what one of all would have of them, page by page', async () => {
  const database = connectDatabase(server.url);
  const search = { companyId, campaignId: undefined, limit: 40 };
  const all = await searchLeads(database, {
    ...search,
    campaigns: undefined,
    campaignId: 'rare',
    limit: LEADS,
  });
  const paged: string[] = [];
  for (let olderThan: string | undefined; ; olderThan = paged.at(-1)) {
    const page = await searchLeads(database, { ...search, campaigns: CAMPAIGNS, olderThan });
    paged.push(...page.map(({ id }) => id));
    if (page.length < search.limit) break;
  }
  expect(paged).toHaveLength(LEADS / 2 / RARE);
  expect(paged).toEqual(all.map(({ id }) => id));
  const other = { ...search, campaigns: CAMPAIGNS, campaignId: 'usual' };
  expect(await searchLeads(database, other)).toEqual([]);
  await database.$disconnect();
});

/** @returns the plan as JSON text, and how many of the table's some 10,000 pages are read */
async function planOf(search: Filter) {
  const database = connectDatabase(server.url);
  const statements: { sql: string; params: unknown[] }[] = [];
  await searchLeads(
    {
      $queryRaw: async (...[statement, ...values]: Parameters<QueryRaw>) => {
        const { text, values: params } = Prisma.sql(statement as TemplateStringsArray, ...values);
        statements.push({ sql: text, params });
        return database.$queryRaw(statement, ...values);
      },
    } as typeof database,
    { companyId, campaigns: undefined, limit: 51, ...search },
  );
  await database.$disconnect();
  const client = await openSession(server.url);
  const [{ sql, params } = { sql: '', params: [] }] = statements;
  const { rows } = await client.query<{ 'QUERY PLAN': [{ Plan: Plan }] }>(
    `EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) ${sql}`,
    params,
  );
  const plan = rows[0]?.['QUERY PLAN'][0].Plan;
  const pages = (plan?.['Shared Hit Blocks'] ?? 0) + (plan?.['Shared Read Blocks'] ?? 0);
  return { text: JSON.stringify(plan), pages };
}

interface Plan {
  readonly 'Shared Hit Blocks': number;
  readonly 'Shared Read Blocks': number;
}
