import { randomBytes, randomUUID } from 'node:crypto';
import { grantAppRole } from '@live-feed/database/schema/app-role';
import { migrate } from '@live-feed/database/schema/migrate';
import { MigrationError } from '@live-feed/database/schema/migration-history';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { leadNumber, post } from '../kit/http/client.ts';
import { storedLeadIds } from '../kit/leads/lead-effects.ts';
import { adminOf } from '../kit/processes/admin.ts';
import { useDatabase } from '../kit/services/database.ts';
import { useRedis } from '../kit/services/redis.ts';
import { addCompany } from '../kit/system/company.ts';
import { type System, startSystem } from '../kit/system/system.ts';

/** The processes connect as a role that may read and write rows, as in docker-compose.yml: it has to be enough, and no more. */

const owner = useDatabase();
const redis = useRedis();
/** Roles belong to the server, which other test files use as well. Every character that a URL has to escape. */
const ROLE = `app ${randomUUID()}`;
const PASSWORD = `p@ss:/?#'"\\${randomBytes(12).toString('hex')}`;

let appUrl: string;
let system: System;

beforeAll(async () => {
  const url = new URL(owner.url);
  url.username = encodeURIComponent(ROLE);
  url.password = encodeURIComponent(PASSWORD);
  appUrl = url.href;
  expect(await grantAppRole(owner.url, appUrl)).toBe(ROLE);
  system = await startSystem({ databaseUrl: appUrl, redisUrl: redis.url });
});
afterAll(async () => {
  await system?.stop();
  const client = await connect(owner.url);
  await client.query(`DROP OWNED BY "${ROLE}"`);
  await client.query(`DROP ROLE "${ROLE}"`);
  await client.end();
});

async function connect(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 10_000 });
  await client.connect();
  return client;
}

async function asRole(): Promise<pg.Client> {
  const client = await connect(appUrl);
  onTestFinished(() => client.end());
  return client;
}

describe('it is enough', () => {
  test('for a lead, a keyed one, a promised one, and one that is taken back', async () => {
    const company = await addCompany(system);
    const submit = (n: number, headers: Record<string, string> = {}) =>
      post(system, leadNumber(n, company.campaignId), { key: company.key, headers });
    expect((await submit(1)).status).toBe(200);
    const keyed = await submit(2, { 'idempotency-key': 'k' });
    expect(keyed.status).toBe(200);
    expect((await submit(2, { 'idempotency-key': 'k' })).headers.get('idempotent-replayed')).toBe('true');
    expect((await submit(3, { prefer: 'respond-async' })).status).toBe(202);
    expect((await storedLeadIds(system, company)).length).toBeGreaterThanOrEqual(2);
  });

  test('for the command line', async () => {
    const admin = adminOf(() => ({ ...system.environment, DATABASE_URL: appUrl }));
    for (const args of [
      ['company', 'add', 'Restricted'],
      ['key', 'issue', 'Restricted'],
      ['campaign', 'add', 'Restricted', '123'],
      ['company', 'list'],
      ['lead', 'list', '--company', 'Restricted'],
      ['seal', 'status'],
      ['purge', '--older-than', '90d', '--yes'],
    ]) {
      expect([args, await admin(args)]).toEqual([args, expect.objectContaining({ code: 0, err: '' })]);
    }
  });
});

describe('it is no more', () => {
  test.each([
    ['make a table', 'CREATE TABLE mine ()'],
    ['change one', 'ALTER TABLE leads ADD COLUMN mine TEXT'],
    ['empty one', 'TRUNCATE leads'],
    ['remove one', 'DROP TABLE leads'],
    ['make a role', 'CREATE ROLE mine'],
    ['make a database', 'CREATE DATABASE mine'],
    ['make itself stronger', `ALTER ROLE "${ROLE}" SUPERUSER`],
    ['read files of the server', "SELECT pg_read_file('PG_VERSION')"],
    ['run programs', "COPY leads FROM PROGRAM 'id'"],
    ['read password digests', 'SELECT * FROM pg_authid'],
    ['change what was recorded of a change', "UPDATE audit_entries SET actor = 'nobody'"],
    ['say what was migrated', 'DELETE FROM _prisma_migrations'],
  ])('it may not %s', async (_case, statement) => {
    const client = await asRole();
    await expect(client.query(statement)).rejects.toThrow(/permission denied|must be owner|Only roles/i);
  });
});

test('granting again changes nothing, takes strength away, and sets a password that has changed', async () => {
  const client = await connect(owner.url);
  onTestFinished(() => client.end());
  await client.query(`ALTER ROLE "${ROLE}" SUPERUSER CREATEDB PASSWORD 'another'`);
  await grantAppRole(owner.url, appUrl);
  const { rows } = await (await asRole()).query(
    'SELECT rolsuper, rolcreatedb FROM pg_roles WHERE rolname = current_user',
  );
  expect(rows).toEqual([{ rolsuper: false, rolcreatedb: false }]);
});

test('tables of a later migration are granted with the next one', async () => {
  expect(await migrate(owner.url)).toEqual({ applied: [] });
  const client = await connect(owner.url);
  onTestFinished(() => client.end());
  await client.query('CREATE TABLE later (id INT)');
  await grantAppRole(owner.url, appUrl);
  await (await asRole()).query('INSERT INTO later VALUES (1)');
});

test('the owner itself is refused, and so is a URL without a role', async () => {
  await expect(grantAppRole(owner.url, owner.url)).rejects.toThrow(MigrationError);
  const nobody = new URL(owner.url);
  nobody.username = '';
  nobody.password = '';
  await expect(grantAppRole(owner.url, nobody.href)).rejects.toThrow('names no role');
});
