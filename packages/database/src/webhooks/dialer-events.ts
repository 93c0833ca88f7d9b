import type { Database } from '../connection/client.ts';
import { Prisma } from '../generated/client.ts';

/**
 * `dialer.held` and `dialer.released`. The dialer's row remembers which of the two was told last, so that they alternate however many workers
 * look at a dialer.
 */

export interface WatchedDialer {
  readonly id: string;
  readonly baseUrl: string;
  readonly accountId: string;
  /** Its companies were told that it is held, and not yet that it is not. */
  readonly isHeld: boolean;
}

/** Dialers of companies that want to be told. */
export async function findWatchedDialers(database: Database): Promise<WatchedDialer[]> {
  return database.$queryRaw<WatchedDialer[]>`
    SELECT id, base_url AS "baseUrl", account_id AS "accountId", held_since IS NOT NULL AS "isHeld" FROM dialers
    WHERE held_since IS NOT NULL OR EXISTS (
      SELECT FROM webhooks WHERE webhooks.company_id = dialers.company_id AND disabled_at IS NULL
        AND (events = '{}' OR events && ARRAY['dialer.held', 'dialer.released']))`;
}

/** @param details what the event says of the hold @returns false if another worker was first */
export async function noteHeld(database: Database, dialerId: string, details: object): Promise<boolean> {
  return note(
    database,
    'dialer.held',
    details,
    Prisma.sql`
    UPDATE dialers SET held_since = now() WHERE id = ${dialerId}::uuid AND held_since IS NULL RETURNING company_id`,
  );
}

/** @returns false if another worker was first */
export async function noteReleased(database: Database, dialerId: string, details: object): Promise<boolean> {
  return note(
    database,
    'dialer.released',
    details,
    Prisma.sql`
    UPDATE dialers SET held_since = NULL WHERE id = ${dialerId}::uuid AND held_since IS NOT NULL RETURNING company_id`,
  );
}

async function note(database: Database, type: string, details: object, change: Prisma.Sql): Promise<boolean> {
  const rows = await database.$queryRaw<unknown[]>`
    WITH changed AS (${change}),
    written AS (
      INSERT INTO webhook_events (id, webhook_id, type, details)
      SELECT new_event_id(), webhooks.id, ${type}, ${JSON.stringify(details)}::jsonb FROM changed JOIN webhooks USING (company_id)
      WHERE disabled_at IS NULL AND full_since IS NULL AND (events = '{}' OR ${type} = ANY(events))
    )
    SELECT 1 FROM changed`;
  return rows.length > 0;
}
