import type { LeadJob } from '@live-feed/core/lead/lead-job';
import { admitLead } from '../admission/admit-lead.ts';
import { answerAtDeadline } from '../outcome/answer-at-deadline.ts';
import { answerOf } from '../outcome/await-outcome.ts';
import type { ExpectedOutcome } from '../outcome/waiting-leads.ts';
import type { LeadAnswer } from './lead-answer.ts';
import { type PreparedLead, prepareLead } from './prepare-lead.ts';
import { queueLead } from './queue-lead.ts';
import type { Submission, SubmissionTools } from './submission-tools.ts';
import { submitKeyedLead } from './submit-keyed-lead.ts';
import { submitPreferringLead } from './submit-preferring-lead.ts';

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
    if (leadId === job.leadId) return await answerByDeadline(tools, job, expected, true);
  } finally {
    expected.forget();
  }
  onLead(leadId);
  const joined = tools.waiting.join(leadId);
  try {
    return await answerByDeadline(tools, { ...job, leadId }, joined, false);
  } finally {
    joined.forget();
  }
}

async function answerByDeadline(
  tools: SubmissionTools,
  job: LeadJob,
  expected: ExpectedOutcome,
  isOwn: boolean,
): Promise<LeadAnswer> {
  const outcome = await expected.within(job.deadlineMs - tools.pulse.now());
  return answerOf(tools, job.companyId, outcome ?? (await answerAtDeadline(tools, job, isOwn)));
}
