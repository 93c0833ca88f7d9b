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

type Filter = Omit<Parameters<typeof searchLeads>[1], 'companyId' | 'limit'>;

test.each<[string, Filter, string]>([
  ['no filter', {}, 'leads_'],
  ['a campaign', { campaignId: 'rare' }, 'leads_company_id_campaign_id_id_idx'],
  ['a campaign without leads', { campaignId: 'none' }, 'leads_company_id_campaign_id_id_idx'],
  ['a state', { state: 'FAILED' }, 'leads_company_id_state_id_idx'],
  ['a phone', { phoneDigest: '2a'.padStart(64, '0') }, 'leads_company_id_phone_digest_id_idx'],
])('a list by %s reads little, by its index', async (_filter, search, index) => {
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
    { companyId, limit: 51, ...search },
  );
  await database.$disconnect();
  const client = await openSession(server.url);
  const [{ sql, params } = { sql: '', params: [] }] = statements;
  const { rows } = await client.query<{ 'QUERY PLAN': [{ Plan: Plan }] }>(
    `EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) ${sql}`,
    params,
  );
  const plan = rows[0]?.['QUERY PLAN'][0].Plan;
  const text = JSON.stringify(plan);
  expect(text).toContain(`"Index Name":"${index}`);
  expect(text).not.toMatch(/"(Seq Scan|Sort)"/);
  // Of some 10,000 pages.
  expect((plan?.['Shared Hit Blocks'] ?? 0) + (plan?.['Shared Read Blocks'] ?? 0)).toBeLessThan(500);
});

interface Plan {
  readonly 'Shared Hit Blocks': number;
  readonly 'Shared Read Blocks': number;
}
