import { newId } from '@live-feed/core/ids';
import type { LeadJob } from '@live-feed/core/lead/lead-job';
import { isSettled } from '@live-feed/core/lead/lead-state';
import { outcomeOf } from '@live-feed/database/leads/lead-rows';
import { answerOf, outcomeOfKept } from '../outcome/await-outcome.ts';
import type { ExpectedOutcome } from '../outcome/waiting-leads.ts';
import { giveBackOwn, keep } from './keep-lead.ts';
import { accepted, type LeadAnswer } from './lead-answer.ts';
import { queueKeptLead } from './queue-lead.ts';
import { queueUnavailable } from './refusals.ts';
import type { Submission, SubmissionTools } from './submission-tools.ts';

/** Leads that fail in the moment in which they are joined; then the lead goes without joining any. */
const MOST_FAILED = 3;

/** Takes a lead whose caller would rather be told that it is kept than wait for long: it is promised before it is queued. */
export async function submitPreferringLead(
  tools: SubmissionTools,
  submission: Submission,
  job: LeadJob,
): Promise<LeadAnswer> {
  for (let failed = 0; failed <= MOST_FAILED; failed += 1) {
    // What was given back for the sake of another lead is not taken up again.
    const leadId = failed === 0 ? job.leadId : newId(tools.pulse.now());
    const joinKey = failed < MOST_FAILED ? job.joinKey : null;
    const answer = await keepOrJoin(tools, submission, { ...job, leadId, joinKey });
    if (answer !== undefined) return answer;
  }
  throw new Error('A lead that joins no other was told to join one.');
}

/** @returns undefined, and nothing is kept, if the lead turned out to equal one that was failing */
async function keepOrJoin(
  tools: SubmissionTools,
  submission: Submission,
  job: LeadJob,
): Promise<LeadAnswer | undefined> {
  submission.onLead(job.leadId);
  const expected = tools.waiting.expect(job.leadId);
  let found: string;
  try {
    await keep(tools, job, 'fails');
    found = await queueKeptLead(tools, job);
    if (found === job.leadId || (await giveBackOwn(tools, job)).state !== 'ABANDONED') {
      return await answerKept(tools, submission, job, expected);
    }
  } finally {
    expected.forget();
  }
  return joinKept(tools, submission, { ...job, leadId: found });
}

/** @param job with the id of the lead that is joined, which somebody else waits for */
async function joinKept(
  tools: SubmissionTools,
  submission: Submission,
  job: LeadJob,
): Promise<LeadAnswer | undefined> {
  const row = await keep(tools, job, 'stays');
  if (isSettled(row.state) && row.state !== 'ACCEPTED' && row.state !== 'REJECTED') {
    await tools.producer.letGo(job, job.leadId).catch((error: unknown) => {
      throw queueUnavailable({}, error);
    });
    return undefined;
  }
  submission.onLead(job.leadId);
  // It ended after this request had come.
  if (isSettled(row.state)) return answerOf(tools, job.companyId, outcomeOf(row));
  const joined = tools.waiting.join(job.leadId);
  try {
    return await answerKept(tools, submission, job, joined);
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
