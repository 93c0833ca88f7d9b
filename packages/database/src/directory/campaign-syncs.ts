import type { Database } from '../connection/client.ts';

/** Dialers whose campaigns workers read from the dialing system again and again. All times are of the database's clock. */

export interface CampaignSyncRecord {
  readonly everyMs: number;
  readonly dueAt: Date;
  /** When a list was read last. */
  readonly syncedAt: Date | null;
  /** Why the last attempt read none; null if it did. */
  readonly failure: string | null;
}

/** Switches it on, or changes how often; the first turn is that much later. */
export async function setCampaignSync(database: Database, dialerId: string, everyMs: number): Promise<void> {
  await database.$executeRaw`
    INSERT INTO campaign_syncs (dialer_id, every_ms, due_at)
    VALUES (${dialerId}::uuid, ${everyMs}::int, now() + ${everyMs}::int * interval '1 millisecond')
    ON CONFLICT (dialer_id) DO UPDATE SET every_ms = excluded.every_ms, due_at = excluded.due_at`;
}

/** @returns whether it was on */
export async function stopCampaignSync(database: Database, dialerId: string): Promise<boolean> {
  const { count } = await database.campaignSync.deleteMany({ where: { dialerId } });
  return count > 0;
}

/** @returns null if it is off */
export async function findCampaignSync(
  database: Database,
  dialerId: string,
): Promise<CampaignSyncRecord | null> {
  return database.campaignSync.findUnique({
    where: { dialerId },
    select: { everyMs: true, dueAt: true, syncedAt: true, failure: true },
  });
}

/**
 * Dialers that are due. Each is due again after its time, a tenth more or less: whoever claims one is the only one until then, also if it dies.
 * A time far ahead is of a clock that was set back since.
 */
export async function claimDueSyncs(database: Database, limit: number): Promise<string[]> {
  const rows = await database.$queryRaw<{ dialerId: string }[]>`
    WITH due AS (
      SELECT dialer_id FROM campaign_syncs
      WHERE due_at <= now() OR due_at > now() + 2 * every_ms * interval '1 millisecond'
      ORDER BY due_at LIMIT ${limit}::int FOR UPDATE SKIP LOCKED
    )
    UPDATE campaign_syncs SET due_at = now() + every_ms * (0.9 + 0.2 * random()) * interval '1 millisecond'
    FROM due WHERE campaign_syncs.dialer_id = due.dialer_id
    RETURNING campaign_syncs.dialer_id AS "dialerId"`;
  return rows.map(({ dialerId }) => dialerId);
}

/** @param failure null: a list was read */
export async function noteCampaignSync(
  database: Database,
  dialerId: string,
  failure: string | null,
): Promise<void> {
  await database.$executeRaw`
    UPDATE campaign_syncs SET failure = ${failure}, synced_at = CASE WHEN ${failure}::text IS NULL THEN now() ELSE synced_at END
    WHERE dialer_id = ${dialerId}::uuid`;
}
