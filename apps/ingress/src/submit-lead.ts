import type { LeadJob } from '@live-feed/core/lead-job';
import type { LeadOutcome } from '@live-feed/core/lead-outcome';
import { isSettled } from '@live-feed/core/lead-state';
import { type LeadRow, outcomeOf } from '@live-feed/database/lead-rows';
import { promise } from '@live-feed/database/lead-transitions';
import { admitLead } from './admit-lead.ts';
import { ApiError } from './api-error.ts';
import { answerOf } from './await-outcome.ts';
import { type LeadAnswer, pending } from './lead-answer.ts';
import { type PreparedLead, prepareLead } from './prepare-lead.ts';
import { queueLead } from './queue-lead.ts';
import type { Submission, SubmissionTools } from './submission-tools.ts';
import { submitKeyedLead } from './submit-keyed-lead.ts';
import { submitPreferringLead } from './submit-preferring-lead.ts';
import type { ExpectedOutcome } from './waiting-leads.ts';

/**
 * Takes a lead and waits for what becomes of it, for as long as its caller prefers.
 *
 * @throws ApiError for everything but acceptance
 */
export async function submitLead(tools: SubmissionTools, submission: Submission): Promise<LeadAnswer> {
  const lead = await prepareLead(tools, submission);
  const leave = await admitLead(tools, submission, lead);
  try {
    return await take(tools, submission, lead);
  } finally {
    leave();
  }
}

function take(
  tools: SubmissionTools,
  submission: Submission,
  { job, keyed }: PreparedLead,
): Promise<LeadAnswer> {
  if (keyed !== undefined) return submitKeyedLead(tools, submission, job, keyed);
  return submission.preference === undefined
    ? submitWaiting(tools, submission, job)
    : submitPreferringLead(tools, submission, job);
}

async function submitWaiting(
  tools: SubmissionTools,
  { onLead }: Submission,
  job: LeadJob,
): Promise<LeadAnswer> {
  onLead(job.leadId);
  const expected = tools.waiting.expect(job.leadId);
  let leadId: string;
  try {
    leadId = await queueLead(tools, job);
    if (leadId === job.leadId) return await answerByDeadline(tools, job, expected, tools.producer.withdraw);
  } finally {
    expected.forget();
  }
  onLead(leadId);
  const joined = tools.waiting.join(leadId);
  try {
    // What somebody else waits for as well is not this caller's to withdraw.
    return await answerByDeadline(tools, { ...job, leadId }, joined, async () => false);
  } finally {
    joined.forget();
  }
}

/** Takes a lead out of its queue if nobody has touched it. @returns whether it did */
type Withdraw = (job: LeadJob) => Promise<boolean>;

async function answerByDeadline(
  tools: SubmissionTools,
  job: LeadJob,
  expected: ExpectedOutcome,
  withdraw: Withdraw,
): Promise<LeadAnswer> {
  const outcome = await expected.within(job.deadlineMs - tools.pulse.now());
  return answerOf(tools, job.companyId, outcome ?? (await promiseOrAnswer(tools, job, withdraw)));
}

/** At the deadline. "Pending" is said only of a lead that is on disk. */
async function promiseOrAnswer(
  tools: SubmissionTools,
  job: LeadJob,
  withdraw: Withdraw,
): Promise<LeadOutcome> {
  let row: LeadRow;
  try {
    row = await promise(tools.database, job);
  } catch (error) {
    tools.logger.error({ err: error, leadId: job.leadId }, 'a lead could not be promised at its deadline');
    if (await withdraw(job)) {
      throw new ApiError('GIVEN_BACK', 'The lead was given back unsent. Submit it again later.', {
        leadId: job.leadId,
      });
    }
    throw pending(job.leadId);
  }
  if (!isSettled(row.state)) throw pending(job.leadId);
  return outcomeOf(row);
}
