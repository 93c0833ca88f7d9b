import type { LeadJob } from '@live-feed/core/lead-job';
import type { LeadOutcome } from '@live-feed/core/lead-outcome';
import { isSettled } from '@live-feed/core/lead-state';
import { type LeadRow, outcomeOf } from '@live-feed/database/lead-rows';
import { promise } from '@live-feed/database/lead-transitions';
import { ApiError } from './api-error.ts';
import { answerOf, outcomeOfKept } from './await-outcome.ts';
import { accepted, type LeadAnswer, pending } from './lead-answer.ts';
import { prepareLead } from './prepare-lead.ts';
import { keep, queueKeptLead, queueLead } from './queue-lead.ts';
import type { Submission, SubmissionTools } from './submission-tools.ts';
import { submitKeyedLead } from './submit-keyed-lead.ts';
import type { ExpectedOutcome } from './waiting-leads.ts';

/**
 * Takes a lead and waits for what becomes of it, for as long as its caller prefers.
 *
 * @throws ApiError for everything but acceptance
 */
export async function submitLead(tools: SubmissionTools, submission: Submission): Promise<LeadAnswer> {
  const job = await prepareLead(tools, submission);
  if (tools.stopping()) throw overloaded('This server is about to stop');
  if (tools.waiting.size >= tools.maxWaiting) throw overloaded('Too many leads are waiting here');
  if (submission.idempotencyKey !== undefined) {
    return submitKeyedLead(tools, submission, job, submission.idempotencyKey);
  }
  submission.onLead(job.leadId);
  const expected = tools.waiting.expect(job.leadId);
  try {
    if (submission.preference === undefined) {
      await queueLead(tools, job);
      return answerOf(tools, job.companyId, await untilDeadline(tools, job, expected));
    }
    await keep(tools, job, () => promise(tools.database, job));
    await queueKeptLead(tools, job);
    const outcome = await outcomeOfKept(tools, submission, job, expected);
    return outcome === undefined ? accepted(job.leadId) : answerOf(tools, job.companyId, outcome);
  } finally {
    expected.forget();
  }
}

function overloaded(why: string): ApiError {
  return new ApiError('OVERLOADED', `${why}; nothing was taken. Submit the lead again in a second.`, {
    headers: { 'retry-after': '1' },
  });
}

async function untilDeadline(
  tools: SubmissionTools,
  job: LeadJob,
  expected: ExpectedOutcome,
): Promise<LeadOutcome> {
  const outcome = await expected.within(job.deadlineMs - tools.pulse.now());
  return outcome ?? promiseOrAnswer(tools, job);
}

/** At the deadline. "Pending" is said only of a lead that is on disk. */
async function promiseOrAnswer(tools: SubmissionTools, job: LeadJob): Promise<LeadOutcome> {
  let row: LeadRow;
  try {
    row = await promise(tools.database, job);
  } catch (error) {
    tools.logger.error({ err: error, leadId: job.leadId }, 'a lead could not be promised at its deadline');
    if (await tools.producer.withdraw(job)) {
      throw new ApiError('GIVEN_BACK', 'The lead was given back unsent. Submit it again later.', {
        leadId: job.leadId,
      });
    }
    throw pending(job.leadId);
  }
  if (!isSettled(row.state)) throw pending(job.leadId);
  return outcomeOf(row);
}
