import type { LeadJob } from '@live-feed/core/lead/lead-job';
import type { Database } from '../connection/client.ts';
import { Prisma } from '../generated/client.ts';
import { LEAD_ROW, type LeadRow } from './lead-rows.ts';
import { CHANGED_AGAIN, endQueued, LOOKS } from './sql/end-queued.ts';
import { INSERTED, INSERTED_FROM_INPUT, inputOf } from './sql/lead-input.ts';

/** A lead that is to be promised. */
export interface LeadPromise {
  readonly lead: LeadJob;
  /** What happens to a lead that was tried without effect. `stays`: another caller still waits for it, so it is tried again. */
  readonly tried: 'fails' | 'stays';
}

/**
 * `promise`: (no row) → QUEUED; an open row is marked as promised. After this, a response may say that the lead will be delivered.
 * A lead that was tried without effect and is not promised becomes FAILED, and its caller's response says so. "Pending" is for leads
 * that were not tried or whose outcome is unknown.
 *
 * @param promises each of another lead
 * @returns the rows as they are now, in no particular order; of one that is settled its outcome is the answer, and nothing was promised.
 */
export async function promise(database: Database, promises: readonly LeadPromise[]): Promise<LeadRow[]> {
  const rows: LeadRow[] = [];
  let left = promises;
  for (let looked = 0; looked < LOOKS; looked += 1) {
    const fails = left.filter(({ tried }) => tried === 'fails').map(({ lead }) => lead.leadId);
    const isTriedInVain = Prisma.sql`leads.state = 'QUEUED' AND NOT leads.promised AND leads.id = ANY(${fails}::uuid[])`;
    const input = inputOf(left.map(({ lead }) => lead));
    const promised = database.$queryRaw<LeadRow[]>`
      INSERT INTO leads (${INSERTED}, state, promised, due_at)
      SELECT ${INSERTED_FROM_INPUT}, 'QUEUED', true, now() FROM (${input}) AS input ORDER BY input.id
      ON CONFLICT (id) DO UPDATE SET promised = leads.promised OR leads.state IN ('QUEUED', 'SENDING', 'UNKNOWN')
        WHERE NOT (${isTriedInVain})
      RETURNING ${LEAD_ROW}`;
    rows.push(...(rows.length === 0 ? await promised : await afterOthers(promised)));
    left = without(left, rows);
    if (left.length === 0) return rows;
    const ids = left.map(({ lead }) => lead.leadId);
    rows.push(...(await afterOthers(endQueued(database, ids, Prisma.sql`state = 'FAILED'`, isTriedInVain))));
    left = without(left, rows);
    if (left.length === 0) return rows;
  }
  throw new Error(CHANGED_AGAIN);
}

function without(promises: readonly LeadPromise[], rows: readonly LeadRow[]): LeadPromise[] {
  const seen = new Set(rows.map(({ id }) => id));
  return promises.filter(({ lead }) => !seen.has(lead.leadId));
}

/** A statement that fails after another has taken effect: its error would say that nothing has. */
async function afterOthers<T>(statement: Promise<T>): Promise<T> {
  try {
    return await statement;
  } catch (error) {
    throw new Error('Of several leads only some could be promised.', { cause: error });
  }
}
