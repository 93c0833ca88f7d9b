import type { Clock } from '@live-feed/core/clock';
import type { Database } from '../connection/client.ts';
import { Prisma } from '../generated/client.ts';
import { agreedNow } from '../leads/sql/lead-times.ts';

/** Events that nobody could be told are kept for a week. */
const KEPT_FOR = Prisma.sql`interval '7 days'`;

/**
 * Removes events that have become too old, and those whose webhook is not there any more.
 *
 * @returns how many; at most `limit`
 */
export async function forgetEvents(database: Database, limit: number, clock?: Clock): Promise<number> {
  return database.$executeRaw`
    WITH old AS (
      SELECT id FROM webhook_events
      WHERE created_at < ${agreedNow(clock)} - ${KEPT_FOR} OR NOT EXISTS (SELECT FROM webhooks WHERE webhooks.id = webhook_id)
      ORDER BY id LIMIT ${limit} FOR UPDATE SKIP LOCKED
    )
    DELETE FROM webhook_events USING old WHERE webhook_events.id = old.id`;
}

export interface OutboxFigures {
  /** Events of endpoints that are on. */
  readonly waiting: number;
  /** Age of the oldest of them that is still tried, milliseconds; 0 if there is none. */
  readonly oldestMs: number;
  /** Endpoints that are off because they failed. */
  readonly switchedOff: number;
  /** Endpoints for which no more events are written. */
  readonly full: number;
}

/** Events of one endpoint; beyond it no more are written until half of them are gone. */
export const MOST_WAITING = 100_000;

/** Notes which endpoints have too many events, and counts all. */
export async function countOutbox(database: Database, most = MOST_WAITING): Promise<OutboxFigures> {
  await database.$executeRaw`
    WITH counted AS (
      SELECT webhooks.id, (SELECT count(*) FROM (
        SELECT FROM webhook_events WHERE webhook_id = webhooks.id LIMIT ${most}) AS enough) AS waiting
      FROM webhooks
    )
    UPDATE webhooks SET full_since = CASE WHEN full_since IS NULL THEN now() END
    FROM counted WHERE webhooks.id = counted.id
      AND CASE WHEN full_since IS NULL THEN waiting >= ${most} ELSE waiting <= ${most} / 2 END`;
  const [figures] = await database.$queryRaw<OutboxFigures[]>`
    SELECT count(webhook_events.id)::int AS waiting,
      COALESCE(EXTRACT(EPOCH FROM now() - min(webhook_events.created_at) FILTER (WHERE due_at IS NOT NULL)) * 1000, 0)::float8 AS "oldestMs",
      (SELECT count(*) FROM webhooks WHERE disabled_why IN ('FAILING', 'GONE'))::int AS "switchedOff",
      (SELECT count(*) FROM webhooks WHERE full_since IS NOT NULL)::int AS "full"
    FROM webhooks JOIN webhook_events ON webhook_id = webhooks.id WHERE disabled_at IS NULL`;
  if (figures === undefined) throw new Error('PostgreSQL returned no row for a count.');
  return figures;
}
