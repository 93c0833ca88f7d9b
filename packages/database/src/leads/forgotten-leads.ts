import type { LeadJob } from '@live-feed/core/lead/lead-job';
import type { Database } from '../connection/client.ts';
import { Prisma } from '../generated/client.ts';
import { LEAD_ROW, type LeadRow } from './lead-rows.ts';
import { INSERTED, INSERTED_FROM_INPUT, inputOf } from './sql/lead-input.ts';
import { statesLeftBy } from './sql/states-left.ts';

/** The worker that recalls a lead verifies it at once. If that worker dies, the reconciler takes the lead after this time. */
const VERIFIED_WITHIN = Prisma.sql`interval '15 seconds'`;

/**
 * `recall`: a row that is missing, or at an earlier attempt than the lead's job → UNKNOWN at the job's attempt. The database has lost
 * its last writes: a standby without them took over, or a server that does not sync crashed. The lead may be in the dialing system,
 * so nothing is sent before a read-back.
 *
 * The row is promised from now on, because a caller may have received the promise.
 *
 * @param leads with the attempt that their jobs record, which may have been sent, and its account; null if that is not known
 * @returns the rows that were changed
 */
export async function recall(
  database: Database,
  leads: readonly { readonly job: LeadJob; readonly attempt: number; readonly sentTo: string | null }[],
): Promise<LeadRow[]> {
  if (leads.length === 0) return [];
  const attempts = leads.map(({ job, attempt, sentTo }) => ({ id: job.leadId, attempt, sentTo }));
  return database.$queryRaw<LeadRow[]>`
    INSERT INTO leads (${INSERTED}, state, promised, due_at, attempt, sent_to)
    SELECT ${INSERTED_FROM_INPUT}, 'UNKNOWN', true, now() + ${VERIFIED_WITHIN}, made.attempt, made."sentTo"
    FROM (${inputOf(leads.map(({ job }) => job))}) AS input
    JOIN jsonb_to_recordset(${JSON.stringify(attempts)}::jsonb) AS made(id uuid, attempt int, "sentTo" text) USING (id)
    ORDER BY input.id
    ON CONFLICT (id) DO UPDATE SET state = 'UNKNOWN', promised = true, due_at = EXCLUDED.due_at, finished_at = NULL,
      attempt = EXCLUDED.attempt, sent_to = EXCLUDED.sent_to, absent_from = NULL
      WHERE leads.attempt < EXCLUDED.attempt AND leads.state IN ${statesLeftBy('recall')}
    RETURNING ${LEAD_ROW}`;
}
