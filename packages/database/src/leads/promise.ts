import type { LeadJob } from '@live-feed/core/lead/lead-job';
import type { Database } from '../connection/client.ts';
import { Prisma } from '../generated/client.ts';
import { LEAD_ROW, type LeadRow } from './lead-rows.ts';
import { endQueued } from './sql/end-queued.ts';
import { INSERTED, INSERTED_FROM_INPUT, inputOf } from './sql/lead-input.ts';

/** A lead to promise. */
export interface LeadPromise {
  readonly lead: LeadJob;
  /** What happens to a lead that was sent without effect. `stays`: it is tried again, because another caller still waits. */
  readonly tried: 'fails' | 'stays';
}

/**
 * `promise`: (no row) → QUEUED; an open row is marked as promised. Afterwards a response may say that the lead will be delivered.
 * A lead that was sent without effect and is not promised becomes FAILED, so its caller gets the failure. "Pending" is for leads that
 * were not sent, or whose outcome is unknown.
 *
 * Leads of many companies share the statement, so it waits for nobody's row: a lead that somebody else is changing at this moment is left out.
 *
 * @param promises at most one for a lead
 * @returns the rows as they are now, in any order; try again those that are missing. A settled row was not promised: its outcome is the response
 */
export async function promise(database: Database, promises: readonly LeadPromise[]): Promise<LeadRow[]> {
  const fails = promises.filter(({ tried }) => tried === 'fails').map(({ lead }) => lead.leadId);
  const isTriedWithoutEffect = Prisma.sql`leads.state = 'QUEUED' AND NOT leads.promised AND leads.id = ANY(${fails}::uuid[])`;
  const ids = promises.map(({ lead }) => lead.leadId);
  const rows = await database.$queryRaw<LeadRow[]>`
    WITH there AS (
      SELECT id FROM leads WHERE id = ANY(${ids}::uuid[])
    ),
    free AS (
      SELECT id FROM leads WHERE id = ANY(${ids}::uuid[]) FOR UPDATE SKIP LOCKED
    )
    INSERT INTO leads (${INSERTED}, state, promised, due_at)
    SELECT ${INSERTED_FROM_INPUT}, 'QUEUED', true, now()
    FROM (${inputOf(promises.map(({ lead }) => lead))}) AS input
    WHERE input.id IN (SELECT id FROM free) OR input.id NOT IN (SELECT id FROM there)
    ORDER BY input.id
    ON CONFLICT (id) DO UPDATE SET promised = leads.promised OR leads.state IN ('QUEUED', 'SENDING', 'UNKNOWN')
      WHERE NOT (${isTriedWithoutEffect})
    RETURNING ${LEAD_ROW}`;
  const seen = new Set(rows.map(({ id }) => id));
  const left = ids.filter((id) => !seen.has(id));
  if (left.length === 0) return rows;
  const ended = endQueued(database, left, {
    end: Prisma.sql`state = 'FAILED'`,
    isAsBefore: isTriedWithoutEffect,
    locked: 'left out',
  });
  return [...rows, ...(rows.length === 0 ? await ended : await afterOthers(ended))];
}

/** Wraps the error of a later statement: by itself it would mean that nothing was changed. */
async function afterOthers<T>(statement: Promise<T>): Promise<T> {
  try {
    return await statement;
  } catch (error) {
    throw new Error('Only some of the leads could be promised.', { cause: error });
  }
}
