import { giveBackUses } from '../../caller-ids/ani-uses.ts';
import type { Database } from '../../connection/client.ts';
import { Prisma } from '../../generated/client.ts';
import { LEAD_ROW, type LeadRow } from '../lead-rows.ts';

/** A lead that waits can be begun and released between two looks at it, very rarely once, and never this often. */
export const LOOKS = 5;
export const CHANGED_AGAIN = 'A lead changed between two looks at it again and again.';

/** @returns the leads that were what they have to be, and have ended; nothing else was changed */
export async function endQueued(
  database: Database,
  ids: readonly string[],
  end: Prisma.Sql,
  isAsBefore: Prisma.Sql,
): Promise<LeadRow[]> {
  return database.$queryRaw<LeadRow[]>`
    WITH found AS (
      SELECT id FROM leads WHERE id = ANY(${[...ids]}::uuid[]) AND ${isAsBefore} ORDER BY id FOR UPDATE
    ),
    ended AS (
      UPDATE leads SET ${end}, finished_at = now() FROM found WHERE leads.id = found.id RETURNING leads.*
    ),
    ${giveBackUses(Prisma.sql`ended`)}
    SELECT ${LEAD_ROW} FROM ended AS leads`;
}
