import type { Database } from '../connection/client.ts';
import { STEADY_NOW } from '../connection/steady-clock.ts';
import { Prisma } from '../generated/client.ts';
import { agreedNow } from '../leads/sql/lead-times.ts';

/**
 * The time before which leads are removed. Removal cannot be undone, so the time of day alone does not decide: the cutoff is stored,
 * and moves at most twice as fast as the steady clock. A cutoff far behind its setting means that a clock was set, the setting was
 * changed, or nothing ran for days: a person must confirm with `admin purge`.
 */
export interface RetentionCutoff {
  /** Leads that ended before it may be removed; milliseconds since the epoch. */
  readonly beforeMs: number;
  /** How far it is behind its setting; 0 or less if it is not. */
  readonly behindMs: number;
}

/** Retention catches up with this much by itself, such as a weekend without a worker. */
export const MOST_BEHIND_MS = 3 * 86_400_000;

/**
 * Moves the cutoff forward, unless it is too far behind.
 *
 * @param days how long leads are kept
 */
export async function advanceCutoff(database: Database, days: number): Promise<RetentionCutoff> {
  const wanted = Prisma.sql`${agreedNow()} - ${days}::float8 * interval '1 day'`;
  await begin(database, wanted);
  const [row] = await database.$queryRaw<{ cutoff: Date; wanted: Date }[]>`
    WITH moved AS (
      UPDATE retention SET steady_ms = ${STEADY_NOW},
        cutoff = GREATEST(cutoff, LEAST(${wanted},
          cutoff + 2 * GREATEST(0, ${STEADY_NOW} - steady_ms)::float8 * interval '1 millisecond'))
      WHERE ${wanted} - cutoff <= ${MOST_BEHIND_MS}::float8 * interval '1 millisecond'
      RETURNING cutoff
    )
    SELECT cutoff, ${wanted} AS wanted FROM moved
    UNION ALL SELECT cutoff, ${wanted} FROM retention WHERE NOT EXISTS (SELECT FROM moved)`;
  if (row === undefined) throw new Error('The cutoff of retention is missing.');
  const beforeMs = row.cutoff.getTime();
  return { beforeMs, behindMs: row.wanted.getTime() - beforeMs };
}

/** The first cutoff is the oldest final lead's time, which may be too far behind. */
async function begin(database: Database, wanted: Prisma.Sql): Promise<void> {
  await database.$executeRaw`
    INSERT INTO retention (cutoff, steady_ms)
    SELECT LEAST(${wanted}, (
      SELECT received_at FROM leads WHERE state IN ('ACCEPTED', 'REJECTED', 'FAILED', 'EXPIRED', 'ABANDONED') ORDER BY id LIMIT 1
    )), COALESCE(${STEADY_NOW}, 0)
    WHERE NOT EXISTS (SELECT FROM retention)
    ON CONFLICT (id) DO NOTHING`;
}

/** After a person has removed everything before that time. */
export async function moveCutoff(database: Database, beforeMs: number): Promise<void> {
  await database.$executeRaw`
    INSERT INTO retention AS known (cutoff, steady_ms)
    VALUES (${new Date(beforeMs)}::timestamptz, COALESCE(${STEADY_NOW}, 0))
    ON CONFLICT (id) DO UPDATE SET cutoff = GREATEST(known.cutoff, EXCLUDED.cutoff), steady_ms = EXCLUDED.steady_ms`;
}

/** The database's clock, milliseconds since the epoch. */
export async function databaseNow(database: Database): Promise<number> {
  const [row] = await database.$queryRaw<{ now: Date }[]>`SELECT now() AS now`;
  return row?.now.getTime() ?? Number.NaN;
}
