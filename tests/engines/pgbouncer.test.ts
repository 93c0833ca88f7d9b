import { newId } from '@live-feed/core/ids';
import { createDatabase } from '@live-feed/database/connection/client';
import { startHealthCheck } from '@live-feed/database/connection/health-check';
import { migrate } from '@live-feed/database/schema/migrate';
import { expect, onTestFinished, test } from 'vitest';
import { openSession } from '../database/connection/session.ts';
import { leadOf, promiseOne } from '../database/leads/leads.ts';
import { createTestDatabase } from '../kit/services/database.ts';
import { startPgBouncer } from './pgbouncer.ts';

/** A PgBouncer as the distribution has it, in front of PostgreSQL. */

async function behind(mode: 'session' | 'transaction', parameters = '') {
  const { url: direct, drop } = await createTestDatabase();
  onTestFinished(drop);
  const url = `${await startPgBouncer(direct, mode)}${parameters}`;
  return { direct, url };
}

function connect(url: string) {
  const database = createDatabase({
    url,
    poolSize: 4,
    statementTimeoutMs: 10_000,
    connectTimeoutMs: 10_000,
    applicationName: 'test',
  });
  onTestFinished(() => database.$disconnect());
  return database;
}

test.each([
  ['session', ''],
  ['transaction', '?pgbouncer=true'],
] as const)(
  'in %s mode, with "%s": it is ready, and statements of many connections do not meet',
  async (mode, parameters) => {
    const { url } = await behind(mode, parameters);
    const health = await startHealthCheck({ url, applicationName: 'test', intervalMs: 50, limitMs: 10_000 });
    onTestFinished(() => health.stop());
    expect(health.why()).toBeUndefined();

    const [one, two] = [connect(url), connect(url)];
    const company = await one.company.create({ data: { name: 'Pooled', id: newId() } });
    const leads = Array.from({ length: 40 }, () =>
      leadOf({ companyId: company.id, dialerId: newId(), campaignId: '77' }),
    );
    const rows = await Promise.all(leads.map((lead, index) => promiseOne(index % 2 === 0 ? one : two, lead)));
    expect(rows.map(({ id, state }) => [id, state])).toEqual(leads.map(({ leadId }) => [leadId, 'QUEUED']));
    expect(await two.lead.count()).toBe(leads.length);
  },
);

test('in transaction mode without the parameter: what to write is said', async () => {
  const { url } = await behind('transaction');
  const health = await startHealthCheck({ url, applicationName: 'test', intervalMs: 50, limitMs: 10_000 });
  onTestFinished(() => health.stop());
  expect(health.why()).toMatch(/pooler in transaction mode: add pgbouncer=true/);
  await expect(migrate(url)).rejects.toThrow('add pgbouncer=true');
});

test('in transaction mode, defaults that would make answers wrong are named with what to run', async () => {
  const { direct, url } = await behind('transaction', '?pgbouncer=true');
  const operator = await openSession(direct);
  await operator.query(`ALTER DATABASE ${new URL(direct).pathname.slice(1)} SET bytea_output = 'escape'`);
  const health = await startHealthCheck({ url, applicationName: 'test', intervalMs: 50, limitMs: 10_000 });
  onTestFinished(() => health.stop());
  expect(health.why()).toMatch(/ALTER ROLE CURRENT_USER SET bytea_output = 'hex';/);
});

test.each([
  ['session', ''],
  ['transaction', '?pgbouncer=true'],
] as const)(
  'in %s mode, two that migrate at once do it once, and leave no lock and no setting behind',
  async (mode, parameters) => {
    const { direct, url } = await behind(mode, parameters);
    const operator = await openSession(direct);
    await operator.query('DROP SCHEMA public CASCADE; CREATE SCHEMA public');
    const both = await Promise.all([migrate(url), migrate(url)]);
    const applied = both.flatMap((migration) => migration.applied);
    expect(applied.length).toBeGreaterThan(0);
    expect(new Set(applied).size).toBe(applied.length);
    expect(
      (
        await operator.query(
          "SELECT FROM pg_locks WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())",
        )
      ).rowCount,
    ).toBe(0);
    if (mode === 'transaction') {
      const { rows } = await connectPlain(url);
      expect(rows).toEqual([{ lock: '0', statement: '0', search: '"$user", public' }]);
    }
  },
);

/** What the pooler's sessions are left with. */
async function connectPlain(url: string) {
  const plain = await openSession(url.replace(/\?.*/, ''));
  return plain.query(`
    SELECT current_setting('lock_timeout') AS lock, current_setting('statement_timeout') AS statement,
      current_setting('search_path') AS search`);
}
