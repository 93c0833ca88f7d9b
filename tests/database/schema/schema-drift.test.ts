import { startSchemaEngine } from '@live-feed/database/testing/schema-engine';
import { expect, test } from 'vitest';
import { useDatabase } from '../../kit/services/database.ts';
import { openSession } from '../connection/session.ts';

const database = useDatabase();

test('the migrations make what schema.prisma says', async () => {
  const engine = await startSchemaEngine(await openSession(database.url));
  expect(await engine.drift()).toBe('');
});

test('only these indexes are kept out of schema.prisma, and out of the comparison, since Prisma has no word for them', async () => {
  const client = await openSession(database.url);
  const { rows } = await client.query<{ index: string }>(`
    SELECT indexrelid::regclass::text AS index FROM pg_index
    WHERE indrelid IN (SELECT oid FROM pg_class WHERE relnamespace = 'public'::regnamespace)
      AND (indpred IS NOT NULL OR indexprs IS NOT NULL)
    ORDER BY index`);
  expect(rows.map(({ index }) => index)).toEqual([
    'campaigns_paused_idx',
    'leads_company_id_caller_id_id_idx',
    'leads_company_id_reason_id_idx',
    'leads_company_id_source_id_idx',
    'leads_parked_idx',
    'leads_resent_from_idx',
    'leads_unfinished_idx',
  ]);
});

test.each([
  ['a missing table', 'DROP TABLE uploads', 'Added tables\n  - uploads'],
  ['a table too many', 'CREATE TABLE calls (id UUID PRIMARY KEY)', 'Removed tables\n  - calls'],
  ['a missing column', 'ALTER TABLE uploads DROP latency_ms', 'Added column `latency_ms`'],
  ['a column too many', 'ALTER TABLE uploads ADD note TEXT', 'Removed column `note`'],
  ['another type', 'ALTER TABLE leads ALTER attempt TYPE BIGINT', 'column `attempt` (type changed)'],
  [
    'another length',
    'ALTER TABLE leads ALTER phone_last2 TYPE CHAR(3)',
    'column `phone_last2` (type changed)',
  ],
  [
    'another precision',
    'ALTER TABLE leads ALTER due_at TYPE TIMESTAMPTZ(6)',
    'column `due_at` (type changed)',
  ],
  ['another nullability', 'ALTER TABLE leads ALTER payload DROP NOT NULL', 'from Nullable to Required'],
  [
    'another default',
    'ALTER TABLE dialers ALTER max_in_flight SET DEFAULT 5',
    'column `max_in_flight` (default',
  ],
  ['a missing default', 'ALTER TABLE anis ALTER created_at DROP DEFAULT', 'column `created_at` (default'],
  ['a missing primary key', 'ALTER TABLE uploads DROP CONSTRAINT uploads_pkey', 'primary key'],
  [
    'a missing index',
    'DROP INDEX leads_company_id_phone_digest_id_idx',
    'Added index on columns (company_id, phone_digest, id)',
  ],
  [
    'an index in another order',
    'DROP INDEX leads_company_id_id_idx; CREATE INDEX leads_company_id_id_idx ON leads (company_id, id)',
    'Added index on columns (company_id, id)',
  ],
  [
    'an index that is no longer unique',
    'DROP INDEX anis_phone_key; CREATE INDEX anis_phone_key ON anis (phone)',
    'Added unique index on columns (phone)',
  ],
  [
    'a missing foreign key',
    'ALTER TABLE anis DROP CONSTRAINT anis_company_id_fkey',
    'Added foreign key on columns (company_id)',
  ],
  [
    'a foreign key that deletes',
    'ALTER TABLE anis DROP CONSTRAINT anis_company_id_fkey, ADD CONSTRAINT anis_company_id_fkey FOREIGN KEY (company_id) REFERENCES companies (id) ON DELETE CASCADE ON UPDATE CASCADE',
    'Added foreign key on columns (company_id)',
  ],
  ['an enum value too many', "ALTER TYPE ani_status ADD VALUE 'RESTING'", 'Removed variant `RESTING`'],
])('%s is found', async (_, sql, finding) => {
  const client = await openSession(database.url);
  await client.query('BEGIN'); // ends unfinished, with the session
  await client.query(sql);
  const engine = await startSchemaEngine(client);
  expect(await engine.drift()).toContain(finding);
});
