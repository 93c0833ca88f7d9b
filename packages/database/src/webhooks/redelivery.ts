import { firstIdAt } from '@live-feed/core/ids';
import type { Database } from '../connection/client.ts';

/** What a person has delivered again. */

/** All events that wait for the endpoint are due now, those that were given up as well. @returns how many there are */
export async function makeEventsDue(database: Database, webhookId: string): Promise<number> {
  const [row] = await database.$queryRaw<{ due: number }[]>`
    WITH due AS (
      UPDATE webhook_events SET due_at = created_at, attempt = 0 WHERE webhook_id = ${webhookId}::uuid RETURNING 1
    ),
    awake AS (UPDATE webhooks SET rests_until = NULL WHERE id = ${webhookId}::uuid)
    SELECT count(*)::int AS due FROM due`;
  return row?.due ?? 0;
}

export interface SettledPage {
  readonly webhookId: string;
  /** Leads that ended or were parked from then on; milliseconds since the epoch. */
  readonly sinceMs: number;
  /** How long before that they may have been received. */
  readonly oldestMs: number;
  readonly afterId: string | undefined;
  /** Leads that are read. */
  readonly limit: number;
}

/**
 * Writes events of leads again, as they stand now, a page of leads at a time: those that the endpoint has lost, or that happened while it was
 * off. Their ids are new. Events that wait already are not written twice.
 *
 * @returns the last lead that was read; undefined if there are no more
 */
export async function rewriteEvents(
  database: Database,
  { webhookId, sinceMs, oldestMs, afterId, limit }: SettledPage,
): Promise<{ readonly written: number; readonly lastId: string | undefined }> {
  const from = afterId ?? firstIdAt(Math.max(0, oldestMs));
  const [row] = await database.$queryRaw<{ written: number; seen: number; lastId: string | null }[]>`
    WITH webhook AS (SELECT id, company_id, events FROM webhooks WHERE id = ${webhookId}::uuid),
    page AS (
      SELECT leads.id, state, promised, finished_at FROM leads JOIN webhook USING (company_id)
      WHERE leads.id > ${from}::uuid ORDER BY leads.id LIMIT ${limit}
    ),
    written AS (
      INSERT INTO webhook_events (id, webhook_id, type, lead_id)
      SELECT new_event_id(), webhook.id, event.type, page.id
      FROM page CROSS JOIN LATERAL lead_event(state, promised) AS event(type) CROSS JOIN webhook
      WHERE finished_at >= ${new Date(sinceMs)}::timestamptz AND event.type IS NOT NULL
        AND (events = '{}' OR event.type = ANY(events))
        AND NOT EXISTS (
          SELECT FROM webhook_events AS known WHERE known.webhook_id = webhook.id AND known.lead_id = page.id AND known.type = event.type)
      ORDER BY page.id
      RETURNING 1
    )
    SELECT (SELECT count(*) FROM written)::int AS written, (SELECT count(*) FROM page)::int AS seen,
      (SELECT id FROM page ORDER BY id DESC LIMIT 1) AS "lastId"`;
  if (row === undefined) throw new Error('PostgreSQL returned no row for a count.');
  return { written: row.written, lastId: row.seen < limit ? undefined : (row.lastId ?? undefined) };
}
