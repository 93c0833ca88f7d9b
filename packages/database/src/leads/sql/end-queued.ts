import { giveBackUses } from '../../caller-ids/ani-uses.ts';
import type { Database } from '../../connection/client.ts';
import { Prisma } from '../../generated/client.ts';
import { LEAD_ROW, type LeadRow } from '../lead-rows.ts';

/** A waiting lead can be started and released between two reads: very rarely once, never this often. */
export const READS = 5;
export const KEEPS_CHANGING = `A lead changed between two reads, ${READS} times in a row.`;

/**
 * @param end the columns to set
 * @param isAsBefore the condition under which a lead ends
 * @returns the leads that met the condition and have ended
 */
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
