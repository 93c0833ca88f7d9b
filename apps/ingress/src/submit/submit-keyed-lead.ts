import type { LeadJob } from '@live-feed/core/lead/lead-job';
import { isFinal } from '@live-feed/core/lead/lead-state';
import {
  claimKey,
  type KeyClaim,
  type KeyedRequest,
  noteToldKept,
} from '@live-feed/database/leads/idempotency-keys';
import { outcomeOf } from '@live-feed/database/leads/lead-rows';
import { ApiError } from '../http/api-error.ts';
import { answerOf, outcomeOfKept } from '../outcome/await-outcome.ts';
import type { ExpectedOutcome } from '../outcome/waiting-leads.ts';
import { untilKnown } from './keep-lead.ts';
import { accepted, type LeadAnswer, pending } from './lead-answer.ts';
import { queueKeptLead } from './queue-lead.ts';
import type { Submission, SubmissionTools } from './submission-tools.ts';

/**
 * Takes a lead under a key that its caller chose: at most one for each, however often the request arrives, and wherever. The final
 * answer is given again to whoever comes later; 504 is none, so a repetition waits on.
 *
 * @param job not used if the key stands for a lead already
 */
export async function submitKeyedLead(
  tools: SubmissionTools,
  submission: Submission,
  job: LeadJob,
  keyed: KeyedRequest,
): Promise<LeadAnswer> {
  const doesNotWait = submission.preference?.waitMs === 0;
  const claim = await untilKnown(tools, job, 'none', () => claimKey(tools.database, keyed, job, doesNotWait));
  if (claim.kind === 'taken') return repeatAnswer(tools, submission, job, keyed, claim);

  submission.onLead(job.leadId);
  const expected = tools.waiting.expect(job.leadId);
  try {
    await queueKeptLead(tools, job);
    return await awaitAnswer(tools, submission, job, keyed, expected);
  } finally {
    expected.forget();
  }
}

/** What the lead's first caller was told, or will be. */
async function repeatAnswer(
  tools: SubmissionTools,
  submission: Submission,
  { deadlineMs }: LeadJob,
  keyed: KeyedRequest,
  { row, sameRequest, toldKept }: Extract<KeyClaim, { kind: 'taken' }>,
): Promise<LeadAnswer> {
  if (!sameRequest) {
    throw new ApiError(
      'IDEMPOTENCY_KEY_REUSED',
      'This Idempotency-Key came with another request before. Use a new key for a new request.',
    );
  }
  submission.onLead(row.id);
  if (toldKept || isFinal(row.state)) {
    submission.onReplay();
    return toldKept ? accepted(row.id) : answerOf(tools, keyed.companyId, outcomeOf(row));
  }
  const expected = tools.waiting.join(row.id);
  try {
    return await awaitAnswer(tools, submission, { leadId: row.id, deadlineMs }, keyed, expected);
  } finally {
    expected.forget();
  }
}

async function awaitAnswer(
  tools: SubmissionTools,
  submission: Submission,
  lead: Pick<LeadJob, 'leadId' | 'deadlineMs'>,
  keyed: KeyedRequest,
  expected: ExpectedOutcome,
): Promise<LeadAnswer> {
  const outcome = await outcomeOfKept(tools, submission, lead, expected);
  if (outcome !== undefined) return answerOf(tools, keyed.companyId, outcome);
  if (submission.preference === undefined) throw pending(lead.leadId);
  try {
    await noteToldKept(tools.database, keyed, lead.leadId);
  } catch (err) {
    // It is kept all the same; a repetition may be told its outcome instead.
    tools.logger.warn({ err, leadId: lead.leadId }, 'that a keyed lead was answered 202 could not be noted');
  }
  return accepted(lead.leadId);
}
