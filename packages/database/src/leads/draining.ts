import { giveBackUses } from '../caller-ids/ani-uses.ts';
import type { Database } from '../connection/client.ts';
import { Prisma } from '../generated/client.ts';

/**
 * `abandon`, for a dialer that is drained: its promised leads that wait to be sent, QUEUED → ABANDONED. No worker sends them afterwards.
 *
 * @returns their ids, at most `limit`
 */
export async function giveBackQueued(database: Database, dialerId: string, limit: number): Promise<string[]> {
  const rows = await database.$queryRaw<{ id: string }[]>`
    WITH waiting AS (
      SELECT id FROM leads WHERE dialer_id = ${dialerId}::uuid AND state = 'QUEUED' AND promised
      ORDER BY id LIMIT ${limit} FOR UPDATE
    ),
    ended AS (
      UPDATE leads SET state = 'ABANDONED', reason = 'GIVEN_BACK', finished_at = now()
      FROM waiting WHERE leads.id = waiting.id
      RETURNING leads.*
    ),
    ${giveBackUses(Prisma.sql`ended`)}
    SELECT id FROM ended`;
  return rows.map(({ id }) => id);
}
