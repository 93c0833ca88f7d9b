import { Prisma } from '../generated/client.ts';
import type { Database } from './client.ts';

/**
 * The steady clock: milliseconds that have passed, in a row that workers move on. What decides whether a lead may be sent again
 * is measured with it, since the time of day can be set forward while an upload is under way.
 *
 * A worker adds what its own `performance.now()` has counted since it saw the present value, and only if the value is still that
 * one. So no moment is counted twice, whatever the number of workers, and the clock is never fast. It is slow while no worker
 * runs, which only makes others wait longer. See docs/adr/0020-elapsed-time.md.
 */

/** How often a worker moves it on. */
export const STEADY_EVERY_MS = 500;

/**
 * What is added at once, at most. Between two readings at least their difference less this has passed: the first addition after
 * the first reading may count time from before it.
 */
const MOST_ADDED_MS = 1_000;

/** Its value; null where the row is missing. */
export const STEADY_NOW = Prisma.sql`(SELECT elapsed_ms FROM steady_clock)`;

/** A value that it has not reached before that many milliseconds have passed, counted from the beginning of the statement. */
export function steadyAfter(ms: number): Prisma.Sql {
  return Prisma.sql`(${STEADY_NOW} + ${Math.ceil(ms) + MOST_ADDED_MS}::bigint)`;
}

/** @returns moves the clock on; to be called again and again */
export function createSteadyClock(database: Database): () => Promise<void> {
  let seen: { readonly elapsedMs: number; readonly at: number } | undefined;

  return async () => {
    const added = seen === undefined ? 0 : Math.min(MOST_ADDED_MS, Math.floor(performance.now() - seen.at));
    const [row] = await database.$queryRaw<{ elapsedMs: number }[]>`
      WITH moved AS (
        UPDATE steady_clock SET elapsed_ms = elapsed_ms + ${added}::bigint
        WHERE elapsed_ms = ${seen?.elapsedMs ?? null}::bigint RETURNING elapsed_ms
      )
      SELECT elapsed_ms::float8 AS "elapsedMs" FROM moved
      UNION ALL SELECT elapsed_ms::float8 FROM steady_clock WHERE NOT EXISTS (SELECT FROM moved)`;
    if (row === undefined) seen = undefined;
    // A value that is still the same has been there since it was first seen.
    else if (row.elapsedMs !== seen?.elapsedMs) seen = { elapsedMs: row.elapsedMs, at: performance.now() };
  };
}
