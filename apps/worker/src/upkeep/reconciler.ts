import type { Database } from '@live-feed/database/connection/client';
import { claimOverdueLeads } from '@live-feed/database/upkeep/reconciler';
import type { LeadProducer } from '@live-feed/queue/jobs/lead-producer';

const BATCH = 500;
/** Time for a lead's own job before the reconciler looks for it. */
const GRACE_MS = 2_000;
const AGAIN_MS = 5_000;

/**
 * Gives a job to every overdue open row that has none: after a wiped Redis, a job removed by hand, a lost add.
 * No ingress is notified of the restored job (`replyTo` is empty); one that still waits finds the outcome in the row.
 *
 * @returns how many jobs were restored
 */
export async function reconcile(database: Database, producer: LeadProducer): Promise<number> {
  const overdue = await claimOverdueLeads(database, { limit: BATCH, graceMs: GRACE_MS, againMs: AGAIN_MS });
  return producer.restore(overdue.map((lead) => ({ ...lead, replyTo: '' })));
}
