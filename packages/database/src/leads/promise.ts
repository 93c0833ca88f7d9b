import type { LeadJob } from '@live-feed/core/lead/lead-job';
import type { Database } from '../connection/client.ts';
import { Prisma } from '../generated/client.ts';
import { LEAD_ROW, type LeadRow } from './lead-rows.ts';
import { endQueued, KEEPS_CHANGING, READS } from './sql/end-queued.ts';
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
 * @param promises at most one for a lead
 * @returns the rows as they are now, in any order. A settled row was not promised: its outcome is the response
 */
export async function promise(database: Database, promises: readonly LeadPromise[]): Promise<LeadRow[]> {
  const rows: LeadRow[] = [];
  let left = promises;
  for (let read = 0; read < READS; read += 1) {
    const fails = left.filter(({ tried }) => tried === 'fails').map(({ lead }) => lead.leadId);
    const isTriedWithoutEffect = Prisma.sql`leads.state = 'QUEUED' AND NOT leads.promised AND leads.id = ANY(${fails}::uuid[])`;
    const input = inputOf(left.map(({ lead }) => lead));
    const promised = database.$queryRaw<LeadRow[]>`
      INSERT INTO leads (${INSERTED}, state, promised, due_at)
      SELECT ${INSERTED_FROM_INPUT}, 'QUEUED', true, now() FROM (${input}) AS input ORDER BY input.id
      ON CONFLICT (id) DO UPDATE SET promised = leads.promised OR leads.state IN ('QUEUED', 'SENDING', 'UNKNOWN')
        WHERE NOT (${isTriedWithoutEffect})
      RETURNING ${LEAD_ROW}`;
    rows.push(...(rows.length === 0 ? await promised : await afterOthers(promised)));
    left = without(left, rows);
    if (left.length === 0) return rows;
    const ids = left.map(({ lead }) => lead.leadId);
    rows.push(
      ...(await afterOthers(endQueued(database, ids, Prisma.sql`state = 'FAILED'`, isTriedWithoutEffect))),
    );
    left = without(left, rows);
    if (left.length === 0) return rows;
  }
  throw new Error(KEEPS_CHANGING);
}

function without(promises: readonly LeadPromise[], rows: readonly LeadRow[]): LeadPromise[] {
  const seen = new Set(rows.map(({ id }) => id));
  return promises.filter(({ lead }) => !seen.has(lead.leadId));
}

/** Wraps the error of a later statement: by itself it would mean that nothing was changed. */
async function afterOthers<T>(statement: Promise<T>): Promise<T> {
  try {
    return await statement;
  } catch (error) {
    throw new Error('Only some of the leads could be promised.', { cause: error });
  }
}
