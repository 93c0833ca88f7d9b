import type { LeadJob } from '@live-feed/core/lead/lead-job';
import { endedBefore, type LeadRow } from '@live-feed/database/leads/lead-rows';
import { abandon } from '@live-feed/database/leads/lead-transitions';
import { QueueUnavailableError } from '@live-feed/queue/jobs/lead-producer';
import { databaseRefusal } from '../admission/database-refusal.ts';
import { inLine } from '../admission/in-line.ts';
import { ApiError } from '../answers/api-error.ts';
import type { SubmissionTools } from './submission-tools.ts';

/**
 * Puts a lead into its queue, or lets it join an equal one that is under way.
 *
 * @param row `promised`: a lead that cannot be queued now is queued by the reconciler. `unpromised`: it is given back
 * @returns the id of the lead that the caller waits for: its own, or the one that it joins
 * @throws ApiError if an unpromised lead could not be queued: nothing was taken
 */
export async function queueLead(
  tools: SubmissionTools,
  job: LeadJob,
  row: 'promised' | 'unpromised',
): Promise<string> {
  try {
    return await queueOrJoin(tools, job);
  } catch (err) {
    if (row === 'unpromised') await giveBack(tools, job, err);
    else
      tools.logger.warn({ err, leadId: job.leadId }, 'a promised lead waits for the reconciler to queue it');
    return job.leadId;
  }
}

/** Leads that have just ended and may still be found in the queue. After that many the lead is queued without joining any. */
const MOST_ENDED = 3;

async function queueOrJoin(tools: SubmissionTools, job: LeadJob): Promise<string> {
  for (let ended = 0; ended < MOST_ENDED; ended += 1) {
    const leadId = await tools.producer.add(job);
    if (leadId === job.leadId || !(await hadEnded(tools, leadId, job))) return leadId;
    await tools.producer.letGo(job, leadId);
  }
  return tools.producer.add({ ...job, joinKey: null });
}

/** The equal lead that a lead would join. Only looks. @throws ApiError 503 */
export async function findJoined(tools: SubmissionTools, job: LeadJob): Promise<string | undefined> {
  const leadId = await tools.producer.findUnderWay(job).catch((error: unknown) => {
    throw new ApiError('QUEUE_UNAVAILABLE', {}, error);
  });
  return leadId === undefined || (await hadEnded(tools, leadId, job)) ? undefined : leadId;
}

/** A lead's callers are answered just before its job is completed. A request that arrives in between must not get that answer. */
export async function hadEnded(tools: SubmissionTools, leadId: string, job: LeadJob): Promise<boolean> {
  try {
    return await inLine(tools, job, () => endedBefore(tools.database, leadId, job.receivedAtMs));
  } catch (error) {
    if (error instanceof ApiError) throw error;
    throw databaseRefusal(tools.databaseHealth.alive(), { leadId: job.leadId }, error);
  }
}

/**
 * Gives back a lead whose job may or may not have reached the queue. Once its row says ABANDONED no worker sends it, and the caller can be
 * told that nothing was taken. Its outcome is waited for as usual if a worker was faster, if another request has joined it and was told that it
 * is kept, or if the database is away as well.
 *
 * @throws ApiError once nothing was taken
 */
async function giveBack(tools: SubmissionTools, job: LeadJob, error: unknown): Promise<void> {
  if (!(error instanceof QueueUnavailableError)) throw error;
  if (error.taken === 'no') throw new ApiError('QUEUE_UNAVAILABLE', {}, error);
  let row: LeadRow;
  try {
    row = await abandon(tools.database, job);
  } catch (err) {
    tools.logger.error({ err, leadId: job.leadId }, 'a lead could not be given back');
    return;
  }
  if (row.state === 'ABANDONED') throw new ApiError('QUEUE_UNAVAILABLE', { leadId: job.leadId }, error);
}
