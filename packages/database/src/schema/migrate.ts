import { createHash, randomUUID } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { readConnectionString } from '../connection/connection-string.ts';
import { openConnection } from '../connection/connections.ts';

/**
 * Applies `prisma/migrations/<name>/migration.sql` in the order of their names and records them in `_prisma_migrations` as
 * `prisma migrate deploy` does, so that either can be used. It is ours because Prisma's needs an engine binary that is downloaded at
 * install time, and a manual `migrate resolve` after a migration that failed.
 */

const MIGRATIONS = fileURLToPath(new URL('../../../../prisma/migrations', import.meta.url));

/** The very lock that `prisma migrate` takes: neither runs beside the other. */
const ADVISORY_LOCK = 72707369;

const LOCK_EVERY_MS = 200;

const RECORDS = `
  CREATE TABLE IF NOT EXISTS _prisma_migrations (
    id                  VARCHAR(36) PRIMARY KEY NOT NULL,
    checksum            VARCHAR(64) NOT NULL,
    finished_at         TIMESTAMPTZ,
    migration_name      VARCHAR(255) NOT NULL,
    logs                TEXT,
    rolled_back_at      TIMESTAMPTZ,
    started_at          TIMESTAMPTZ NOT NULL DEFAULT now(),
    applied_steps_count INTEGER NOT NULL DEFAULT 0
  )`;

interface Migration {
  readonly name: string;
  readonly sql: string;
  readonly checksum: string;
}

interface RecordRow {
  readonly id: string;
  readonly migration_name: string;
  readonly checksum: string;
  readonly finished_at: Date | null;
}

export interface MigrateOptions {
  /** Where the migrations are. */
  readonly folder?: string;
  /** How long to wait for another migration of this database, and for a locked table. */
  readonly lockTimeoutMs?: number;
}

export class MigrationError extends Error {
  override readonly name = 'MigrationError';
}

/**
 * Applies what has not been applied yet, and returns its names. May be called by several processes at once: one does it, the
 * others wait and find it done.
 *
 * @throws MigrationError when a migration fails, when an applied one was changed, when one began but did not finish, or when
 * another process migrates for too long. The message says what to do.
 */
export async function migrate(
  databaseUrl: string,
  { folder = MIGRATIONS, lockTimeoutMs = 60_000 }: MigrateOptions = {},
): Promise<{ applied: string[] }> {
  const migrations = await readMigrations(folder);
  const guard = await open(databaseUrl);
  try {
    await lockMigrations(guard, lockTimeoutMs);
    const client = await open(databaseUrl);
    try {
      await createSchema(client, databaseUrl);
      await client.query(RECORDS);
      const pending = await findPending(client, migrations);
      for (const migration of pending) {
        await guard.query('SELECT'); // without the lock nothing is begun
        await apply(client, migration, lockTimeoutMs);
      }
      return { applied: pending.map(({ name }) => name) };
    } finally {
      await client.end();
    }
  } finally {
    // Ends the transaction, and the advisory lock with it.
    await guard.query('ROLLBACK').catch(() => {});
    await guard.end();
  }
}

/** No limit for statements, because a migration may take long. A lost connection is still noticed. */
function open(url: string): Promise<pg.Client> {
  return openConnection({
    url,
    connectTimeoutMs: 10_000,
    statementTimeoutMs: 0,
    applicationName: 'live-feed-migrate',
  });
}

async function createSchema(client: pg.Client, url: string): Promise<void> {
  const { schema } = readConnectionString(url);
  const { rowCount } = await client.query('SELECT FROM pg_namespace WHERE nspname = $1', [schema]);
  if (rowCount === 0) await client.query(`CREATE SCHEMA ${pg.escapeIdentifier(schema)}`);
}

/**
 * In a transaction of its own, which stays open: so the lock is kept through every pooler, and ends with whatever is between. It is asked for again
 * and again, each time in another transaction, since an index that is made beside writers waits for whoever has a snapshot: one who waits for the
 * lock would keep it from being made. For the same reason nothing here has parameters: PostgreSQL keeps the snapshot of such a statement.
 */
export async function lockMigrations(guard: pg.Client, timeoutMs: number): Promise<void> {
  const endsAt = performance.now() + timeoutMs;
  while (!(await tryLock(guard))) {
    await guard.query('ROLLBACK');
    if (performance.now() >= endsAt) {
      throw new MigrationError(
        'Another process is still migrating this database. Try again when it is done.',
      );
    }
    await delay(LOCK_EVERY_MS);
  }
}

async function tryLock(guard: pg.Client): Promise<boolean> {
  await guard.query('BEGIN ISOLATION LEVEL READ COMMITTED');
  await guard.query(`
    SELECT set_config(name, '0', true) FROM unnest(ARRAY['idle_in_transaction_session_timeout', 'transaction_timeout']) AS name
    WHERE current_setting(name, true) IS NOT NULL`);
  const { rows } = await guard.query<{ locked: boolean }>(
    `SELECT pg_try_advisory_xact_lock(${ADVISORY_LOCK}) AS locked`,
  );
  return rows[0]?.locked === true;
}

async function readMigrations(folder: string): Promise<Migration[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const names = entries
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .sort();
  return Promise.all(
    names.map(async (name) => {
      const sql = await readFile(join(folder, name, 'migration.sql'), 'utf8');
      return { name, sql, checksum: createHash('sha256').update(sql).digest('hex') };
    }),
  );
}

async function findPending(client: pg.Client, migrations: readonly Migration[]): Promise<Migration[]> {
  const { rows } = await client.query<RecordRow>(
    'SELECT id, migration_name, checksum, finished_at FROM _prisma_migrations WHERE rolled_back_at IS NULL',
  );
  const recorded = new Map(rows.map((row) => [row.migration_name, row]));
  return migrations.filter(({ name, checksum }) => {
    const row = recorded.get(name);
    if (row === undefined) return true;
    if (row.finished_at === null) {
      throw new MigrationError(unfinished(row));
    }
    if (row.checksum !== checksum) {
      throw new MigrationError(
        `Migration ${name} was changed after it had been applied. Put the file back as it was and add a new migration.`,
      );
    }
    return false;
  });
}

function unfinished({ id, migration_name }: RecordRow): string {
  return [
    `Migration ${migration_name} began but did not finish. Look at what it left behind.`,
    `If it is all there:  UPDATE _prisma_migrations SET finished_at = now(), applied_steps_count = 1 WHERE id = '${id}';`,
    `If nothing is there: DELETE FROM _prisma_migrations WHERE id = '${id}';`,
    'Then migrate again.',
  ].join('\n');
}

async function apply(
  client: pg.Client,
  { name, sql, checksum }: Migration,
  lockTimeoutMs: number,
): Promise<void> {
  const id = randomUUID();
  await dropUnfinishedIndex(client, sql);
  await client.query('INSERT INTO _prisma_migrations (id, checksum, migration_name) VALUES ($1, $2, $3)', [
    id,
    checksum,
    name,
  ]);
  try {
    await run(client, sql, lockTimeoutMs);
  } catch (error) {
    const told = await undo(client, id, sql);
    throw new MigrationError(`Migration ${name} failed, ${told}: ${String(error)}`, { cause: error });
  }
  await client.query(
    'UPDATE _prisma_migrations SET finished_at = now(), applied_steps_count = 1 WHERE id = $1',
    [id],
  );
}

/** One statement that makes an index while its table is written to. It cannot be part of a transaction. */
const CONCURRENT_INDEX = /^\s*CREATE (?:UNIQUE )?INDEX CONCURRENTLY "?([a-z0-9_]+)"?/im;

/** An index that is built concurrently waits for older transactions without blocking others, so it has no time limit. */
async function run(client: pg.Client, sql: string, lockTimeoutMs: number): Promise<void> {
  if (CONCURRENT_INDEX.test(sql)) {
    await client.query(sql);
    return;
  }
  try {
    await client.query(`BEGIN; SET LOCAL lock_timeout = ${lockTimeoutMs};\n${sql}\n; COMMIT`);
  } catch (error) {
    await client.query('ROLLBACK').catch(() => {});
    throw error;
  }
}

/** Such a statement that fails leaves an index behind that is kept up to date, and never used. */
async function dropUnfinishedIndex(client: pg.Client, sql: string): Promise<void> {
  const index = CONCURRENT_INDEX.exec(sql)?.[1];
  if (index === undefined) return;
  const { rowCount } = await client.query(
    `SELECT FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid
     WHERE relname = $1 AND relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = current_schema()) AND NOT indisvalid`,
    [index],
  );
  if (rowCount !== 0) await client.query(`DROP INDEX CONCURRENTLY ${pg.escapeIdentifier(index)}`);
}

/** A migration that the server has undone leaves no record, so that it can be mended and applied. One whose end is not known keeps it. */
async function undo(client: pg.Client, id: string, sql: string): Promise<string> {
  try {
    await dropUnfinishedIndex(client, sql);
    await client.query('DELETE FROM _prisma_migrations WHERE id = $1', [id]);
    return 'and nothing of it was applied';
  } catch {
    return 'and what it left behind is not known';
  }
}
