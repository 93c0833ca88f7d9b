import { Prisma } from '../generated/client.ts';
import type { Database } from './client.ts';

/**
 * The steady clock: elapsed milliseconds, in a row that workers advance. It decides whether a lead may be sent again, because the time
 * of day can be set forward while an upload is under way.
 *
 * A worker adds the time that its `performance.now()` has counted since it saw the current value, if the value is still the same. So no
 * moment is counted twice by any number of workers, and the clock is never fast. While no worker runs it is slow, which only makes
 * others wait longer. See docs/adr/0020-elapsed-time.md.
 */

/** How often a worker advances it. */
export const STEADY_EVERY_MS = 500;

/**
 * Maximum of one addition. The time between two readings is at least their difference minus this, because the first addition after a
 * reading may count time from before it.
 */
const MOST_ADDED_MS = 1_000;

/** Its value; null if the row is missing. */
export const STEADY_NOW = Prisma.sql`(SELECT elapsed_ms FROM steady_clock)`;

/** A value that it reaches no earlier than that many milliseconds after the start of the statement. */
export function steadyAfter(ms: number): Prisma.Sql {
  return Prisma.sql`(${STEADY_NOW} + ${Math.ceil(ms) + MOST_ADDED_MS}::bigint)`;
}

/** @returns a function that advances the clock; call it every `STEADY_EVERY_MS` */
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
    // An unchanged value counts from when it was first seen.
    else if (row.elapsedMs !== seen?.elapsedMs) seen = { elapsedMs: row.elapsedMs, at: performance.now() };
  };
}
