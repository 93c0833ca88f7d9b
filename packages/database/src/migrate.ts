import { createHash, randomUUID } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';

/**
 * Applies `prisma/migrations/<name>/migration.sql` in order of their names and records them in `_prisma_migrations` as
 * `prisma migrate deploy` does, so that either can be used. It exists because Prisma's needs an engine binary that is
 * downloaded at install time.
 */

const MIGRATIONS = fileURLToPath(new URL('../../../prisma/migrations', import.meta.url));

/** The very lock that `prisma migrate` takes: neither runs beside the other. */
export const ADVISORY_LOCK = 72707369;

/** What PostgreSQL says when a lock was not to be had in time: lock_not_available. */
const LOCK_NOT_AVAILABLE = '55P03';

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
  /** How long to wait for another migration of this database, and for whoever has locked a table. */
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
  const client = new pg.Client({
    connectionString: databaseUrl,
    connectionTimeoutMillis: 10_000,
    keepAlive: true, // a migration may take its time; a server that is gone is noticed
  });
  client.on('error', () => {}); // a lost connection also fails the query that is under way
  await client.connect();
  try {
    await client.query(`SET lock_timeout = ${lockTimeoutMs}`);
    await lock(client);
    await client.query(RECORDS);
    const pending = await findPending(client, migrations);
    for (const migration of pending) await apply(client, migration);
    return { applied: pending.map(({ name }) => name) };
  } finally {
    // Ends the session, and the advisory lock with it.
    await client.end();
  }
}

async function lock(client: pg.Client): Promise<void> {
  try {
    await client.query('SELECT pg_advisory_lock($1)', [ADVISORY_LOCK]);
  } catch (error) {
    if (!(error instanceof pg.DatabaseError) || error.code !== LOCK_NOT_AVAILABLE) throw error;
    throw new MigrationError('Another process is still migrating this database. Try again when it is done.', {
      cause: error,
    });
  }
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

async function apply(client: pg.Client, { name, sql, checksum }: Migration): Promise<void> {
  const id = randomUUID();
  await client.query('INSERT INTO _prisma_migrations (id, checksum, migration_name) VALUES ($1, $2, $3)', [
    id,
    checksum,
    name,
  ]);
  try {
    // Several statements in one simple query are one transaction.
    await client.query(sql);
  } catch (error) {
    const told = await forget(client, id);
    throw new MigrationError(`Migration ${name} failed, ${told}: ${String(error)}`, { cause: error });
  }
  await client.query(
    'UPDATE _prisma_migrations SET finished_at = now(), applied_steps_count = 1 WHERE id = $1',
    [id],
  );
}

/** A migration that the server has undone leaves no record, so that it can be mended and applied. One whose end is not known keeps it. */
async function forget(client: pg.Client, id: string): Promise<string> {
  try {
    await client.query('DELETE FROM _prisma_migrations WHERE id = $1', [id]);
    return 'and nothing of it was applied';
  } catch {
    return 'and what it left behind is not known';
  }
}
