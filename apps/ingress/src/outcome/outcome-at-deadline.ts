import { setTimeout as delay } from 'node:timers/promises';
import type { LeadJob } from '@live-feed/core/lead/lead-job';
import type { LeadOutcome } from '@live-feed/core/lead/lead-outcome';
import { isSettled } from '@live-feed/core/lead/lead-state';
import { findLeads, type LeadRow, outcomeOf } from '@live-feed/database/leads/lead-rows';
import { givenBack, outcomeUnknown } from '../submit/refusals.ts';
import type { SubmissionTools } from '../submit/submission-tools.ts';
import { inTime } from './in-time.ts';
import { Unwritten } from './promise-writer.ts';
import { withinStop } from './time-left.ts';

/** Public clients give up after 30 s, and the answer has to arrive. */
const CLIENT_PATIENCE_MS = 29_000;
/** How long promises are tried after a deadline, and how long the row is looked for after that. */
const LONGEST_MS = 2_500;
const LOOK_MS = 500;
/** A promise is given up so early that the statement which is under way then is known to have failed, or has taken all of its time. */
const LAST_STATEMENT_MS = 1_500;
const AGAIN_MS = 250;

/**
 * Promises a lead whose outcome is not known at its deadline, or gives it back. A caller is told "pending" only of a lead whose row has been seen, and
 * "nothing was taken" only of one that has no row and will get none: after its deadline no worker begins a lead that is not promised.
 *
 * @param isOwn false for a lead that somebody else waits for as well: this caller must not withdraw it
 * @returns the outcome if it is settled after all; undefined if the lead is pending: its row has been seen, and is promised
 * @throws ApiError if the lead was given back, or if nothing is known of its row
 */
export async function outcomeAtDeadline(
  tools: SubmissionTools,
  job: LeadJob,
  isOwn: boolean,
): Promise<LeadOutcome | undefined> {
  const leftMs = withinStop(tools, Math.min(LONGEST_MS, CLIENT_PATIENCE_MS - tools.deadlineMs));
  const answerBy = performance.now() + leftMs;
  // A statement of unknown effect would bind us to it: while the database is known to be away, none is sent before this has been tried.
  if (isOwn && !tools.pulse.alive()) await giveBackWhileAway(tools, job, answerBy);
  const promised = tools.promises.promise(job);
  let known = await promised.within(answerBy - LAST_STATEMENT_MS - performance.now());
  if (known === undefined) {
    promised.giveUp();
    known = await promised.within(answerBy - performance.now());
  }
  if (known instanceof Unwritten) {
    tools.logger.error(
      { err: known.error, leadId: job.leadId },
      'a lead could not be promised at its deadline',
    );
    if (isOwn && (await withdraw(tools, job))) throw givenBack(job.leadId, known.error);
    // It may have been sent. Its promise is written when that can be done, so that it does not get lost.
    tools.promises.promise(job);
    known = undefined;
  }
  const row = known ?? (await inTime(readRow(tools, job), LOOK_MS));
  if (row === undefined) throw outcomeUnknown(job.leadId);
  return isSettled(row.state) ? outcomeOf(row) : undefined;
}

/** Until the database is back, or half of the time is over. @throws ApiError once the lead has been given back */
async function giveBackWhileAway(tools: SubmissionTools, job: LeadJob, answerBy: number): Promise<void> {
  const until = (performance.now() + answerBy) / 2;
  while (!tools.pulse.alive() && performance.now() < until) {
    if (await withdraw(tools, job)) throw givenBack(job.leadId);
    await delay(AGAIN_MS);
  }
}

/** Before its deadline, where this process stops, a lead that workers have put back may be begun by a row that it has. */
function withdraw({ producer, pulse }: SubmissionTools, job: LeadJob): Promise<boolean> {
  return producer.withdraw(job, pulse.now() >= job.deadlineMs);
}

async function readRow(
  { database, logger }: SubmissionTools,
  { leadId }: LeadJob,
): Promise<LeadRow | undefined> {
  try {
    return (await findLeads(database, [leadId]))[0];
  } catch (err) {
    logger.error({ err, leadId }, 'the row of a lead could not be read at its deadline');
    return undefined;
  }
}
