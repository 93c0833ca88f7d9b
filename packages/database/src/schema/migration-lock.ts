import { setTimeout as delay } from 'node:timers/promises';
import type pg from 'pg';
import { MigrationError } from './migration-history.ts';

/** The key that `prisma migrate` uses: neither runs beside the other. */
const ADVISORY_LOCK = 72707369;

const LOCK_EVERY_MS = 200;

/**
 * Locks the migrations in a transaction that stays open, so the lock lasts behind every pooler and ends with the connection.
 *
 * Each try is a transaction of its own. An index that is built concurrently waits for every older snapshot; a transaction that waited
 * for this lock would hold one and block the index. For the same reason no statement here has parameters: PostgreSQL keeps the
 * snapshot of a statement that has.
 *
 * @throws MigrationError if another process holds the lock for longer than the time limit
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
