import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { openConnection } from '../connection/connections.ts';
import { readConnectionString } from '../connection/settings/connection-string.ts';
import { applyMigration } from './apply-migration.ts';
import { createHistory, findPending, readMigrations } from './migration-history.ts';
import { lockMigrations } from './migration-lock.ts';

const MIGRATIONS = fileURLToPath(new URL('../../../../prisma/migrations', import.meta.url));

export interface MigrateOptions {
  /** Where the migrations are. */
  readonly folder?: string;
  /** How long to wait for another migration of this database, and for a locked table. */
  readonly lockTimeoutMs?: number;
}

/**
 * Applies the pending `prisma/migrations/<name>/migration.sql`, and returns their names. It records them as `prisma migrate deploy`
 * does, so either can be used. It is ours because Prisma's needs an engine binary that is downloaded at install time, and a manual
 * `migrate resolve` after a migration that failed.
 *
 * Several processes may call it at once: one migrates, the others wait.
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
      await createHistory(client);
      const pending = await findPending(client, migrations);
      for (const migration of pending) {
        await guard.query('SELECT'); // fails if the connection, and so the lock, was lost
        await applyMigration(client, migration, lockTimeoutMs);
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
