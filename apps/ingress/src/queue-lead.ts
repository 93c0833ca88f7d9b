import { setTimeout as delay } from 'node:timers/promises';
import type { LeadJob } from '@live-feed/core/lead-job';
import { endedBefore, type LeadRow } from '@live-feed/database/lead-rows';
import { abandon, promise } from '@live-feed/database/lead-transitions';
import { QueueUnavailableError } from '@live-feed/queue/lead-producer';
import { ApiError, type ApiErrorDetails } from './api-error.ts';
import { pending } from './lead-answer.ts';
import type { SubmissionTools } from './submission-tools.ts';

/**
 * Puts a lead into its queue, and nowhere else.
 *
 * @returns the id of the lead that the caller waits for: its own, or an equal one that is under way
 * @throws ApiError if it could not be queued: nothing was taken
 */
export async function queueLead(tools: SubmissionTools, job: LeadJob): Promise<string> {
  try {
    return await queueOrJoin(tools, job);
  } catch (error) {
    await giveBack(tools, job, error);
    return job.leadId;
  }
}

/** Of leads that ended just now, so many may still be found in the queue; then the lead goes without being joined. */
const MOST_ENDED = 3;

async function queueOrJoin(tools: SubmissionTools, job: LeadJob): Promise<string> {
  for (let ended = 0; ended < MOST_ENDED; ended += 1) {
    const leadId = await tools.producer.add(job);
    if (leadId === job.leadId || !(await hadEnded(tools, leadId, job))) return leadId;
    await tools.producer.letGo(job, leadId);
  }
  return tools.producer.add({ ...job, joinKey: null });
}

/** A lead's callers are answered a little before its job is completed: who comes in between is not given an old answer. */
async function hadEnded(tools: SubmissionTools, leadId: string, job: LeadJob): Promise<boolean> {
  try {
    return await endedBefore(tools.database, leadId, job.receivedAtMs);
  } catch (error) {
    throw databaseUnavailable({ leadId: job.leadId }, error);
  }
}

/**
 * Promises a lead before it goes into its queue: from then on it survives the loss of the queue.
 *
 * @param write makes its row
 * @throws ApiError if it is not going to be sent, or is kept after all; another error if neither is known by the deadline
 */
export async function keep<Result>(
  tools: SubmissionTools,
  job: LeadJob,
  write: () => Promise<Result>,
): Promise<Result> {
  try {
    return await write();
  } catch (error) {
    // It may have been written all the same, and would be sent by the sweep.
    const row = await abandonByDeadline(tools, job);
    throw row.state === 'ABANDONED'
      ? databaseUnavailable({ leadId: job.leadId }, error)
      : pending(job.leadId);
  }
}

const ABANDON_AGAIN_MS = 250;

/**
 * Gives a lead back whose row may be there. What keeps a row from being written keeps it from being given back as well, for a moment: only a
 * caller who has no time left is not told which it is.
 */
async function abandonByDeadline({ database, pulse }: SubmissionTools, job: LeadJob): Promise<LeadRow> {
  for (;;) {
    try {
      return await abandon(database, job);
    } catch (error) {
      if (pulse.now() + ABANDON_AGAIN_MS >= job.deadlineMs) throw error;
      await delay(ABANDON_AGAIN_MS);
    }
  }
}

/**
 * Trouble is no reason to refuse a promised lead: the sweep gives it its job.
 *
 * @returns as `queueLead`
 */
export async function queueKeptLead(tools: SubmissionTools, job: LeadJob): Promise<string> {
  try {
    return await queueOrJoin(tools, job);
  } catch (err) {
    tools.logger.warn({ err, leadId: job.leadId }, 'a promised lead waits for the sweep to queue it');
    return job.leadId;
  }
}

/**
 * Gives back a promised lead that turned out to be equal to one under way, and promises that one instead.
 *
 * @returns the id of the lead that is kept
 * @throws ApiError if that one could not be promised, and this one has been given back
 */
export async function keepOther(tools: SubmissionTools, job: LeadJob, leadId: string): Promise<string> {
  const own = await abandonByDeadline(tools, job);
  if (own.state !== 'ABANDONED') return job.leadId;
  try {
    await promise(tools.database, { ...job, leadId }, 'stays');
    return leadId;
  } catch (error) {
    throw databaseUnavailable({ leadId }, error);
  }
}

export function databaseUnavailable(details: ApiErrorDetails, cause: unknown): ApiError {
  return new ApiError(
    'DATABASE_UNAVAILABLE',
    'The database did not answer in time; nothing was taken. Submit the lead again later.',
    details,
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

export function queueUnavailable(details: ApiErrorDetails, cause: unknown): ApiError {
  return new ApiError(
    'QUEUE_UNAVAILABLE',
    'The lead could not be queued; nothing was taken. Submit it again later.',
    details,
    cause,
  );
}
