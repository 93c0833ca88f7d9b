import type { Database } from '../connection/client.ts';
import { STEADY_NOW } from '../connection/steady-clock.ts';
import { Prisma } from '../generated/client.ts';
import { agreedNow } from '../leads/sql/lead-times.ts';

/**
 * How far retention may go. Nothing comes back that was removed, so the time of day alone does not decide: the cutoff is kept in the
 * database, and moves on at most twice as fast as time has passed by the steady clock. Where it is far behind what it should be, a
 * clock was set, the setting was changed, or nothing ran for days: a person has to say so, with `admin purge`.
 */
export interface RetentionCutoff {
  /** Leads that ended before may be removed; milliseconds since the epoch. */
  readonly beforeMs: number;
  /** How far it is behind what the setting says; at most 0 where it is not. */
  readonly behindMs: number;
}

/** Of this much retention catches up by itself: a weekend without a worker, say. */
export const MOST_BEHIND_MS = 3 * 86_400_000;

/**
 * Moves the cutoff on, unless it is too far behind.
 *
 * @param days that leads are kept
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
  if (row === undefined) throw new Error('There is no cutoff of retention.');
  const beforeMs = row.cutoff.getTime();
  return { beforeMs, behindMs: row.wanted.getTime() - beforeMs };
}

/** The first time nothing has been removed yet: the cutoff is where the oldest final lead is, which may be too far behind. */
async function begin(database: Database, wanted: Prisma.Sql): Promise<void> {
  await database.$executeRaw`
    INSERT INTO retention (cutoff, steady_ms)
    SELECT LEAST(${wanted}, (
      SELECT received_at FROM leads WHERE state IN ('ACCEPTED', 'REJECTED', 'FAILED', 'EXPIRED', 'ABANDONED') ORDER BY id LIMIT 1
    )), COALESCE(${STEADY_NOW}, 0)
    WHERE NOT EXISTS (SELECT FROM retention)
    ON CONFLICT (id) DO NOTHING`;
}

/** A person has removed everything from before that time. */
export async function moveCutoff(database: Database, beforeMs: number): Promise<void> {
  await database.$executeRaw`
    INSERT INTO retention AS known (cutoff, steady_ms)
    VALUES (${new Date(beforeMs)}::timestamptz, COALESCE(${STEADY_NOW}, 0))
    ON CONFLICT (id) DO UPDATE SET cutoff = GREATEST(known.cutoff, EXCLUDED.cutoff), steady_ms = EXCLUDED.steady_ms`;
}

/** Now by the database's clock, milliseconds since the epoch. */
export async function databaseNow(database: Database): Promise<number> {
  const [row] = await database.$queryRaw<{ now: Date }[]>`SELECT now() AS now`;
  return row?.now.getTime() ?? Number.NaN;
}
