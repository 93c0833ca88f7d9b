import { newId } from '@live-feed/core/ids';
import { createDatabase, type DatabaseOptions } from '@live-feed/database/connection/client';
import { startHealthCheck } from '@live-feed/database/connection/health-check';
import { migrate } from '@live-feed/database/schema/migrate';
import { expect, onTestFinished, test } from 'vitest';
import { createTestDatabase } from '../../kit/services/database.ts';
import { waitFor } from '../../kit/wait-for.ts';
import { openSession } from './session.ts';

/** What a server, a database or a role has for defaults. */
const CONTRARY = {
  timezone: 'America/New_York',
  datestyle: 'SQL, DMY',
  intervalstyle: 'iso_8601',
  bytea_output: 'escape',
  extra_float_digits: '-15',
  standard_conforming_strings: 'off',
  array_nulls: 'off',
  transform_null_equals: 'on',
  client_encoding: 'LATIN1',
  search_path: 'elsewhere',
  lock_timeout: '1',
  statement_timeout: '2000',
  idle_in_transaction_session_timeout: '2000',
  default_transaction_isolation: 'serializable',
  default_transaction_deferrable: 'on',
  synchronous_commit: 'off',
  exit_on_error: 'on',
};

async function contrary(change: Partial<typeof CONTRARY> & Record<string, string> = CONTRARY) {
  const database = await createTestDatabase();
  onTestFinished(database.drop);
  const operator = await openSession(database.url);
  const name = new URL(database.url).pathname.slice(1);
  await operator.query(
    Object.entries(change)
      .map(
        ([setting, value]) =>
          `ALTER DATABASE ${name} SET ${setting} = ${value.includes(',') ? value : `'${value}'`};`,
      )
      .join(''),
  );
  return { url: database.url, operator };
}

function connect(url: string, options: Partial<DatabaseOptions> = {}) {
  const database = createDatabase({
    url,
    poolSize: 2,
    statementTimeoutMs: 30_000,
    connectTimeoutMs: 10_000,
    applicationName: 'test',
    ...options,
  });
  onTestFinished(() => database.$disconnect());
  return database;
}

test('what is written and read is the same whatever the defaults are', async () => {
  const { url, operator } = await contrary();
  const database = connect(url);
  const expiresAt = new Date('2026-07-04T12:34:56.789Z');
  const company = { id: newId(), name: 'Ünïcode ☎ \\ Société' };
  await database.company.create({ data: company });
  const key = {
    id: newId(),
    companyId: company.id,
    type: 'universal',
    digest: 'd'.repeat(64),
    hint: 'hint',
    expiresAt,
  };
  await database.apiKey.create({ data: key });
  expect(await database.company.findUnique({ where: { id: company.id } })).toMatchObject(company);
  expect(await database.apiKey.findUnique({ where: { id: key.id } })).toMatchObject({ expiresAt });
  const { rows } = await operator.query<{ at: number; name: string }>(`
    SELECT extract(epoch FROM expires_at)::float8 * 1000 AS at, encode(convert_to(name, 'UTF8'), 'hex') AS name
    FROM public.api_keys JOIN public.companies ON companies.id = company_id`);
  expect(rows[0]).toEqual({ at: expiresAt.getTime(), name: Buffer.from(company.name).toString('hex') });
  const [seen] = await database.$queryRaw<Record<string, string>[]>`
    SELECT current_setting('synchronous_commit') AS commit, current_setting('lock_timeout') AS lock,
      current_setting('statement_timeout') AS statement, current_schema()::text AS schema,
      current_setting('default_transaction_isolation') AS isolation`;
  expect(seen).toEqual({
    commit: 'on',
    lock: '0',
    statement: '30s',
    schema: 'public',
    isolation: 'read committed',
  });
});

test('its tables may be in a schema of their own', async () => {
  const { url, operator } = await contrary();
  const own = `${url}?schema=${encodeURIComponent('Live Feed')}`;
  await migrate(own);
  const database = connect(own);
  const company = { id: newId(), name: 'In a schema' };
  await database.company.create({ data: company });
  await database.$executeRaw`INSERT INTO campaigns (id, company_id, campaign_id) VALUES (${newId()}::uuid, ${company.id}::uuid, '1')`;
  const lead = await database.lead.findMany({ where: { state: 'QUEUED' } });
  expect(lead).toEqual([]);
  const { rows } = await operator.query<{ here: number; there: number }>(
    'SELECT (SELECT count(*)::int FROM "Live Feed".campaigns) AS here, (SELECT count(*)::int FROM public.companies) AS there',
  );
  expect(rows[0]).toEqual({ here: 1, there: 0 });
});

test('that writes are refused is for operators to say: nobody sets it back', async () => {
  const { url } = await contrary({ default_transaction_read_only: 'on' });
  const health = await startHealthCheck({ url, applicationName: 'test', intervalMs: 50, limitMs: 10_000 });
  onTestFinished(() => health.stop());
  expect(health.why()).toMatch(/read-only/);
});

test('connections to a server that has become read-only are replaced, all of them once one is told so', async () => {
  const { url } = await contrary({});
  const faults: unknown[] = [];
  const database = connect(url, { onServerFault: (error) => faults.push(error) });
  const demote = async () =>
    await database.$queryRaw`SELECT set_config('default_transaction_read_only', 'on', false), pg_sleep(0.5)::text`;
  await Promise.all([demote(), demote()]);
  const write = (name: string) => database.company.create({ data: { id: newId(), name } });
  await expect(write('lost')).rejects.toThrow(/read-only/);
  expect(await Promise.all([write('one'), write('two')])).toMatchObject([{ name: 'one' }, { name: 'two' }]);
  expect(faults).toMatchObject([{ code: '25006' }]);
});

test('the end of idle connections, and of one that reads, fails nothing', async () => {
  const { url, operator } = await contrary({ idle_session_timeout: '50' });
  const database = connect(url);
  const reading = () => database.$queryRaw`SELECT 'slow' AS what, pg_sleep(0.5)::text`.then((rows) => rows);
  await reading();
  const second = reading();
  await waitFor(
    async () => {
      const { rows } = await operator.query<{ pid: number }>(
        "SELECT pid FROM pg_stat_activity WHERE application_name = 'test' AND wait_event = 'PgSleep'",
      );
      for (const { pid } of rows) await operator.query('SELECT pg_terminate_backend($1)', [pid]);
      return rows.length === 1;
    },
    { what: 'a statement under way' },
  );
  expect(await second).toMatchObject([{ what: 'slow' }]);
});
