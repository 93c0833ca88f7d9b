import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { migrate } from '@live-feed/database/schema/migrate';
import { MigrationError } from '@live-feed/database/schema/migration-history';
import { startSchemaEngine } from '@live-feed/database/testing/schema-engine';
import { cloneDir } from '@live-feed/tools/clone';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createTestDatabase } from '../../kit/services/database.ts';
import { waitFor } from '../../kit/wait-for.ts';
import { openSession } from '../connection/session.ts';

const ownFolder = join(cloneDir, 'prisma', 'migrations');
const ownNames = (await readdir(ownFolder, { withFileTypes: true }))
  .flatMap((entry) => (entry.isDirectory() ? [entry.name] : []))
  .sort();

describe('from an empty database', () => {
  test('every migration is applied in order, once', async () => {
    const { url } = await emptyDatabase();
    expect(await migrate(url)).toEqual({ applied: ownNames });
    expect(await migrate(url)).toEqual({ applied: [] });
  });

  test('two that migrate at once do it once', async () => {
    const { url, client } = await emptyDatabase();
    const both = await Promise.all([migrate(url), migrate(url)]);
    expect(both.flatMap(({ applied }) => applied)).toEqual(ownNames);
    expect((await records(client)).map(({ migration_name }) => migration_name)).toEqual(ownNames);
  });
});

describe('beside prisma migrate deploy', () => {
  test('the same is recorded, in the same table', async () => {
    const ours = await emptyDatabase();
    await migrate(ours.url);
    const prismas = await emptyDatabase();
    const engine = await startSchemaEngine(prismas.client);
    expect(await engine.deploy()).toEqual(ownNames);

    expect(await recordColumns(ours.client)).toEqual(await recordColumns(prismas.client));
    const own = await records(ours.client);
    expect(own.map(withoutTimes)).toEqual((await records(prismas.client)).map(withoutTimes));
    for (const { id, migration_name, checksum, started_at, finished_at, ...rest } of own) {
      expect(id).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
      const file = await readFile(join(ownFolder, migration_name, 'migration.sql'));
      expect(checksum).toBe(createHash('sha256').update(file).digest('hex'));
      expect(Number(finished_at)).toBeGreaterThanOrEqual(Number(started_at));
      expect(rest).toEqual({ logs: null, rolled_back_at: null, applied_steps_count: 1 });
    }
  });

  test('Prisma finds nothing to do after us', async () => {
    const { url, client } = await emptyDatabase();
    await migrate(url);
    const engine = await startSchemaEngine(client);
    expect(await engine.status()).toEqual({
      editedMigrationNames: [],
      failedMigrationNames: [],
      hasMigrationsTable: true,
      history: null,
    });
    expect(await engine.deploy()).toEqual([]);
  });

  test('we wait while Prisma holds its lock, then find nothing to do', async () => {
    const { url, client } = await emptyDatabase();
    const engine = await startSchemaEngine(client);
    await engine.deploy();
    const migration = migrate(url);
    const observer = await openSession(url);
    await waitFor(async () => (await observer.query(WAITERS)).rowCount === 1, {
      what: 'the lock waited for',
    });
    await client.query('SELECT pg_advisory_unlock_all()');
    expect(await migration).toEqual({ applied: [] });
  });

  test('a migration that takes too long is not waited for', async () => {
    const { url, client } = await emptyDatabase();
    const engine = await startSchemaEngine(client);
    await engine.deploy();
    await expect(migrate(url, { lockTimeoutMs: 1 })).rejects.toThrow(
      new MigrationError('Another process is still migrating this database. Try again when it is done.'),
    );
  });

  test('a migration that failed under Prisma is refused', async () => {
    const { url, client } = await emptyDatabase();
    const folder = await migrations({ '1_failing': 'SELECT 1 / 0;' });
    const engine = await startSchemaEngine(client, folder);
    await expect(engine.deploy()).rejects.toThrow();
    await client.query('SELECT pg_advisory_unlock_all()');
    await expect(migrate(url, { folder })).rejects.toThrow('Migration 1_failing began but did not finish.');
  });
});

test('a migration that was changed after it had been applied is refused by name', async () => {
  const { url } = await emptyDatabase();
  const folder = await migrations({ '1_one': 'CREATE TABLE one ();', '2_two': 'CREATE TABLE two ();' });
  await migrate(url, { folder });
  await put(folder, '1_one', 'CREATE TABLE one (id INT);');
  await expect(migrate(url, { folder })).rejects.toThrow(
    new MigrationError(
      'Migration 1_one was changed after it had been applied. Put the file back as it was and add a new migration.',
    ),
  );
});

test('a migration that fails leaves nothing behind, is reported, and can be repaired', async () => {
  const { url, client } = await emptyDatabase();
  const folder = await migrations({
    '1_one': 'CREATE TABLE one ();',
    '2_two': 'CREATE TABLE two (); CREATE TABLE one ();',
    '3_three': 'CREATE TABLE three ();',
  });
  await expect(migrate(url, { folder })).rejects.toThrow(
    new MigrationError(
      'Migration 2_two failed, and nothing of it was applied: error: relation "one" already exists',
    ),
  );
  expect(await tables(client)).toEqual(['_prisma_migrations', 'one']);
  expect((await records(client)).map(({ migration_name }) => migration_name)).toEqual(['1_one']);

  await put(folder, '2_two', 'CREATE TABLE two ();');
  expect(await migrate(url, { folder })).toEqual({ applied: ['2_two', '3_three'] });
});

describe('an index that is made while its table is written to', () => {
  const index = 'CREATE UNIQUE INDEX CONCURRENTLY "one_id" ON "one" ("id");';

  test('waits for a transaction that writes, and holds up nobody who writes meanwhile', async () => {
    const { url, client } = await emptyDatabase();
    await migrate(url, { folder: await migrations({ '1_one': 'CREATE TABLE one (id INT);' }) });
    await client.query('BEGIN; INSERT INTO one VALUES (1)');
    const folder = await migrations({
      '1_one': 'CREATE TABLE one (id INT);',
      '2_index': `-- Why.\n${index}`,
    });
    const migrating = migrate(url, { folder, lockTimeoutMs: 1 });
    const writer = await openSession(url);
    await waitFor(
      async () =>
        (
          await writer.query(
            "SELECT FROM pg_stat_activity WHERE query LIKE '%CREATE UNIQUE INDEX CONC%' AND wait_event_type = 'Lock'",
          )
        ).rowCount === 1,
      { what: 'the index that waits' },
    );
    await writer.query("SET lock_timeout = '5s'; INSERT INTO one VALUES (2)");
    await client.query('COMMIT');
    expect(await migrating).toEqual({ applied: ['2_index'] });
  });

  test('that fails leaves none behind, and can be made once the reason is gone', async () => {
    const { url, client } = await emptyDatabase();
    const folder = await migrations({
      '1_one': 'CREATE TABLE one AS SELECT 1 AS id FROM generate_series(1, 2);',
      '2_index': index,
    });
    await expect(migrate(url, { folder })).rejects.toThrow(
      'Migration 2_index failed, and nothing of it was applied',
    );
    expect((await client.query("SELECT FROM pg_class WHERE relname = 'one_id'")).rowCount).toBe(0);
    await client.query('TRUNCATE one');
    expect(await migrate(url, { folder })).toEqual({ applied: ['2_index'] });
  });
});

describe('a migration whose connection was lost', () => {
  const lost = 'SELECT pg_terminate_backend(pg_backend_pid());';

  test('is told, and refused until somebody has looked', async () => {
    const { url, client } = await emptyDatabase();
    const folder = await migrations({ '1_one': lost });
    await expect(migrate(url, { folder })).rejects.toThrow(
      'Migration 1_one failed, and what it left behind is not known',
    );
    await expect(migrate(url, { folder })).rejects.toThrow('Migration 1_one began but did not finish.');
    expect(await records(client)).toMatchObject([{ migration_name: '1_one', finished_at: null }]);
  });

  test.each([
    ['DELETE', ['1_one']],
    ['UPDATE', []],
  ])('can be settled as the message says, with %s', async (statement, applied) => {
    const { url, client } = await emptyDatabase();
    const folder = await migrations({ '1_one': lost });
    await expect(migrate(url, { folder })).rejects.toThrow(MigrationError);
    const message = await migrate(url, { folder }).then(() => '', String);
    await client.query(String(new RegExp(`${statement} .*;`).exec(message)));
    if (statement === 'DELETE') await put(folder, '1_one', 'CREATE TABLE one ();');
    expect(await migrate(url, { folder })).toEqual({ applied });
  });
});

const WAITERS = `
  SELECT FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'live-feed-migrate'`;

interface MigrationRecord {
  readonly id: string;
  readonly checksum: string;
  readonly finished_at: Date | null;
  readonly migration_name: string;
  readonly logs: string | null;
  readonly rolled_back_at: Date | null;
  readonly started_at: Date;
  readonly applied_steps_count: number;
}

type Session = Awaited<ReturnType<typeof openSession>>;

async function emptyDatabase(): Promise<{ readonly url: string; readonly client: Session }> {
  const { url, drop } = await createTestDatabase();
  onTestFinished(drop);
  const client = await openSession(url);
  await client.query('DROP SCHEMA public CASCADE; CREATE SCHEMA public');
  return { url, client };
}

/** A folder with these migrations. */
async function migrations(sqlByName: { readonly [name: string]: string }): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'live-feed-migrations-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  for (const [name, sql] of Object.entries(sqlByName)) await put(folder, name, sql);
  return folder;
}

async function put(folder: string, name: string, sql: string): Promise<void> {
  await mkdir(join(folder, name), { recursive: true });
  await writeFile(join(folder, name, 'migration.sql'), sql);
}

async function records(client: Session): Promise<MigrationRecord[]> {
  return (await client.query<MigrationRecord>('SELECT * FROM _prisma_migrations ORDER BY started_at')).rows;
}

function withoutTimes({ id: _id, started_at: _started, finished_at: _finished, ...rest }: MigrationRecord) {
  return rest;
}

async function recordColumns(client: Session): Promise<unknown[]> {
  const { rows } = await client.query(`
    SELECT column_name, data_type, character_maximum_length, datetime_precision, is_nullable, column_default
    FROM information_schema.columns WHERE table_name = '_prisma_migrations' ORDER BY ordinal_position`);
  return rows;
}

async function tables(client: Session): Promise<string[]> {
  const { rows } = await client.query<{ tablename: string }>(
    "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename",
  );
  return rows.map(({ tablename }) => tablename);
}
