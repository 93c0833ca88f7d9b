import type { LeadJob } from '@live-feed/core/lead-job';
import { promise } from '@live-feed/database/lead-transitions';
import { answerOf, outcomeOfKept } from './await-outcome.ts';
import { accepted, type LeadAnswer } from './lead-answer.ts';
import { keep, keepOther, queueKeptLead } from './queue-lead.ts';
import type { Submission, SubmissionTools } from './submission-tools.ts';
import type { ExpectedOutcome } from './waiting-leads.ts';

/** Takes a lead whose caller would rather be told that it is kept than wait for long: it is promised before it is queued. */
export async function submitPreferringLead(
  tools: SubmissionTools,
  submission: Submission,
  job: LeadJob,
): Promise<LeadAnswer> {
  submission.onLead(job.leadId);
  const expected = tools.waiting.expect(job.leadId);
  let leadId: string;
  try {
    await keep(tools, job, () => promise(tools.database, job));
    const found = await queueKeptLead(tools, job);
    leadId = found === job.leadId ? found : await keepOther(tools, job, found);
    if (leadId === job.leadId) return await answerKept(tools, submission, job, expected);
  } finally {
    expected.forget();
  }
  submission.onLead(leadId);
  const joined = tools.waiting.join(leadId);
  try {
    return await answerKept(tools, submission, { ...job, leadId }, joined);
  } finally {
    joined.forget();
  }
}

async function answerKept(
  tools: SubmissionTools,
  submission: Submission,
  job: LeadJob,
  expected: ExpectedOutcome,
): Promise<LeadAnswer> {
  const outcome = await outcomeOfKept(tools, submission, job, expected);
  return outcome === undefined ? accepted(job.leadId) : answerOf(tools, job.companyId, outcome);
}
