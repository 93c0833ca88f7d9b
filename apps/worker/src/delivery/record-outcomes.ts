import { recall } from '@live-feed/database/leads/forgotten-leads';
import { findLeads, type LeadRow } from '@live-feed/database/leads/lead-rows';
import type { Settlement, UploadRecord } from '@live-feed/database/leads/lead-transitions';
import type { DecidedAttempt } from './attempt.ts';
import type { DeliveryTools } from './delivery-tools.ts';

/**
 * Writes the outcomes of attempts that were made. A row that is missing, or at an earlier attempt, is what the database has lost and not
 * how the lead stands: the attempt is recalled, and its outcome written even so.
 *
 * @param settlements of the decided leads
 * @returns the rows of all, as they are now
 */
export async function recordOutcomes(
  { database, outcomes, logger }: DeliveryTools,
  companyId: string,
  decided: readonly DecidedAttempt[],
  settlements: readonly Settlement[],
  record: UploadRecord | undefined,
): Promise<LeadRow[]> {
  const changed = await outcomes.settle({ companyId, settlements, record });
  const found = new Set(changed.map(({ id }) => id));
  const missed = settlements.filter(({ id }) => !found.has(id));
  const missedIds = missed.map(({ id }) => id);
  const rows = await findLeads(database, missedIds);
  const attempts = new Map(rows.map(({ id, attempt }) => [id, attempt]));
  const forgotten = new Set(
    missed.filter(({ id, attempt }) => (attempts.get(id) ?? 0) < attempt).map(({ id }) => id),
  );
  if (forgotten.size === 0) return [...changed, ...rows];
  logger.error({ leads: forgotten.size }, 'the database has lost the rows of leads that were sent');
  const remembered = decided.filter(({ lead }) => forgotten.has(lead.leadId));
  await recall(
    database,
    remembered.map(({ lead, attempt, sentTo }) => ({ job: lead.taken.job, attempt, sentTo })),
  );
  await outcomes.settle({
    companyId,
    settlements: missed.filter(({ id }) => forgotten.has(id)),
    record,
  });
  return [...changed, ...(await findLeads(database, missedIds))];
}
