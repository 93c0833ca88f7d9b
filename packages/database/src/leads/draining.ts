import { giveBackUses } from '../caller-ids/ani-uses.ts';
import type { Database } from '../connection/client.ts';
import { Prisma } from '../generated/client.ts';

/**
 * `abandon`, for a dialer that is drained: its promised leads that wait to be sent, QUEUED → ABANDONED. No worker sends them afterwards.
 *
 * @returns their ids, at most `limit`
 */
export async function giveBackQueued(database: Database, dialerId: string, limit: number): Promise<string[]> {
  const ended = await giveBack(database, Prisma.sql`dialer_id = ${dialerId}::uuid`, limit);
  return ended.map(({ id }) => id);
}

/** The same for those of a company's leads that are promised and wait to be sent. */
export async function giveBackThese(
  database: Database,
  companyId: string,
  ids: readonly string[],
): Promise<{ readonly id: string; readonly dialerId: string }[]> {
  const which = Prisma.sql`id = ANY(${[...ids]}::uuid[]) AND company_id = ${companyId}::uuid`;
  return giveBack(database, which, ids.length);
}

async function giveBack(database: Database, which: Prisma.Sql, limit: number) {
  return database.$queryRaw<{ id: string; dialerId: string }[]>`
    WITH waiting AS (
      SELECT id FROM leads WHERE ${which} AND state = 'QUEUED' AND promised
      ORDER BY id LIMIT ${limit} FOR UPDATE
    ),
    ended AS (
      UPDATE leads SET state = 'ABANDONED', reason = 'GIVEN_BACK', finished_at = now()
      FROM waiting WHERE leads.id = waiting.id
      RETURNING leads.*
    ),
    ${giveBackUses(Prisma.sql`ended`)}
    SELECT id, dialer_id AS "dialerId" FROM ended`;
}
