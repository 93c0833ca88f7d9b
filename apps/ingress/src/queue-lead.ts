import type { LeadJob } from '@live-feed/core/lead-job';
import type { LeadRow } from '@live-feed/database/lead-rows';
import { abandon } from '@live-feed/database/lead-transitions';
import { QueueUnavailableError } from '@live-feed/queue/lead-producer';
import { ApiError, type ApiErrorDetails } from './api-error.ts';
import type { SubmissionTools } from './submission-tools.ts';

/** Puts a lead into its queue, and nowhere else. @throws ApiError if it could not be queued: nothing was taken */
export async function queueLead(tools: SubmissionTools, job: LeadJob): Promise<void> {
  try {
    await tools.producer.add(job);
  } catch (error) {
    await giveBack(tools, job, error);
  }
}

/**
 * Promises a lead before it goes into its queue: from then on it survives the loss of the queue.
 *
 * @param promise writes its row
 * @throws ApiError if it could not be promised and is not going to be sent
 */
export async function keep<Result>(
  tools: SubmissionTools,
  job: LeadJob,
  promise: () => Promise<Result>,
): Promise<Result> {
  try {
    return await promise();
  } catch (error) {
    // It may have been written all the same, and would be sent by the sweep.
    const row = await abandon(tools.database, job);
    throw row.state === 'ABANDONED' ? databaseUnavailable(job.leadId, error) : error;
  }
}

/** A queue that is away is no reason to refuse a promised lead: the sweep gives it its job. */
export async function queueKeptLead(tools: SubmissionTools, job: LeadJob): Promise<void> {
  try {
    await tools.producer.add(job);
  } catch (err) {
    if (!(err instanceof QueueUnavailableError)) throw err;
    tools.logger.warn({ err, leadId: job.leadId }, 'a promised lead waits for the sweep to queue it');
  }
}

function databaseUnavailable(leadId: string, cause: unknown): ApiError {
  return new ApiError(
    'DATABASE_UNAVAILABLE',
    'The database did not answer in time; nothing was taken. Submit the lead again later.',
    { leadId },
    cause,
  );
}

/**
 * The job may or may not have reached the queue. Once its row says ABANDONED no worker sends it, and the caller can be told that
 * nothing was taken. If a worker was faster, or the database is away as well, its outcome is waited for like any other's.
 */
async function giveBack(tools: SubmissionTools, job: LeadJob, error: unknown): Promise<void> {
  if (!(error instanceof QueueUnavailableError)) throw error;
  if (error.taken === 'no') throw queueUnavailable({}, error);
  let row: LeadRow;
  try {
    row = await abandon(tools.database, job);
  } catch (err) {
    tools.logger.error({ err, leadId: job.leadId }, 'a lead could not be given back');
    return;
  }
  if (row.state === 'ABANDONED') throw queueUnavailable({ leadId: job.leadId }, error);
}

function queueUnavailable(details: ApiErrorDetails, cause: unknown): ApiError {
  return new ApiError(
    'QUEUE_UNAVAILABLE',
    'The lead could not be queued; nothing was taken. Submit it again later.',
    details,
    cause,
  );
}
