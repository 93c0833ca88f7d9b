import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { type Migration, MigrationError } from './migration-history.ts';

/** @throws MigrationError if the migration fails; the message says what was applied */
export async function applyMigration(
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
    const effect = await undo(client, id, sql);
    throw new MigrationError(`Migration ${name} failed, ${effect}: ${String(error)}`, { cause: error });
  }
  await client.query(
    'UPDATE _prisma_migrations SET finished_at = now(), applied_steps_count = 1 WHERE id = $1',
    [id],
  );
}

/** A migration of one statement that builds an index without blocking writers. It cannot be part of a transaction. */
const CONCURRENT_INDEX = /^\s*CREATE (?:UNIQUE )?INDEX CONCURRENTLY "?([a-z0-9_]+)"?/im;

/** A concurrent index has no time limit: it waits for older transactions, and blocks none. */
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

/** A concurrent index that fails leaves an invalid one behind. PostgreSQL maintains that index and never reads it. */
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

/** Removes the record of a migration that the server rolled back, so that it can be corrected and applied. Otherwise the record stays. */
async function undo(client: pg.Client, id: string, sql: string): Promise<string> {
  try {
    await dropUnfinishedIndex(client, sql);
    await client.query('DELETE FROM _prisma_migrations WHERE id = $1', [id]);
    return 'and nothing of it was applied';
  } catch {
    return 'and what it left behind is not known';
  }
}
