import { type LeadJob, SEALED } from '@live-feed/core/lead-job';
import type { LeadOutcome } from '@live-feed/core/lead-outcome';
import { isSettled } from '@live-feed/core/lead-state';
import { type LeadRow, outcomeOf } from '@live-feed/database/lead-rows';
import { promise } from '@live-feed/database/lead-transitions';
import { ApiError } from './api-error.ts';
import { accepted, answerFor, type LeadAnswer, pending } from './lead-answer.ts';
import { prepareLead } from './prepare-lead.ts';
import { keepAndQueueLead, queueLead } from './queue-lead.ts';
import type { Submission, SubmissionTools } from './submission-tools.ts';
import type { ExpectedOutcome } from './waiting-leads.ts';

/**
 * Takes a lead and waits for what becomes of it, for as long as its caller prefers.
 *
 * @throws ApiError for everything but acceptance
 */
export async function submitLead(tools: SubmissionTools, submission: Submission): Promise<LeadAnswer> {
  const { key, preference, onLead } = submission;
  const job = await prepareLead(tools, submission);
  if (tools.stopping()) throw overloaded('This server is about to stop');
  if (tools.waiting.size >= tools.maxWaiting) throw overloaded('Too many leads are waiting here');
  onLead(job.leadId);
  const expected = tools.waiting.expect(job.leadId);
  try {
    if (preference === undefined) {
      await queueLead(tools, job);
      const outcome = await untilDeadline(tools, job, expected);
      return answerFor(outcome, unsealAnswer(tools, key.companyId, outcome));
    }
    await keepAndQueueLead(tools, job);
    const outcome = await expected.within(preference.waitMs);
    if (outcome === undefined || outcome.state === 'PARKED') return accepted(job.leadId);
    return answerFor(outcome, unsealAnswer(tools, key.companyId, outcome));
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

function unsealAnswer(
  tools: SubmissionTools,
  companyId: string,
  { dialerResponse }: LeadOutcome,
): string | null {
  if (dialerResponse === null) return null;
  return tools.keyring.unseal(dialerResponse, { companyId, column: SEALED.dialerResponse });
}
