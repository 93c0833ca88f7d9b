import { giveBackUses } from '../../caller-ids/ani-uses.ts';
import type { Database } from '../../connection/client.ts';
import { Prisma } from '../../generated/client.ts';
import { LEAD_ROW, type LeadRow } from '../lead-rows.ts';

export interface EndQueued {
  /** The columns to set. */
  readonly end: Prisma.Sql;
  /** The condition under which a lead ends. */
  readonly isAsBefore: Prisma.Sql;
  /** What is done with a lead that somebody else is changing. */
  readonly locked: 'waited for' | 'left out';
}

/** @returns the leads that met the condition and have ended */
export async function endQueued(
  database: Database,
  ids: readonly string[],
  { end, isAsBefore, locked }: EndQueued,
): Promise<LeadRow[]> {
  const skip = locked === 'left out' ? Prisma.sql`SKIP LOCKED` : Prisma.empty;
  return database.$queryRaw<LeadRow[]>`
    WITH found AS (
      SELECT id FROM leads WHERE id = ANY(${[...ids]}::uuid[]) AND ${isAsBefore} ORDER BY id FOR UPDATE ${skip}
    ),
    ended AS (
      UPDATE leads SET ${end}, finished_at = now() FROM found WHERE leads.id = found.id RETURNING leads.*
    ),
    ${giveBackUses(Prisma.sql`ended`)}
    SELECT ${LEAD_ROW} FROM ended AS leads`;
}
