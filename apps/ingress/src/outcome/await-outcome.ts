import { type LeadJob, SEALED } from '@live-feed/core/lead/lead-job';
import type { LeadOutcome } from '@live-feed/core/lead/lead-outcome';
import { answerFor, type LeadAnswer } from '../submit/lead-answer.ts';
import type { Submission, SubmissionTools } from '../submit/submission-tools.ts';
import type { ExpectedOutcome } from './waiting-leads.ts';

/**
 * Waits for the outcome of a lead that is on disk, for as long as its caller prefers, else until its deadline.
 *
 * @returns undefined if it is not known by then, or only a person can find it out
 */
export async function outcomeOfKept(
  tools: SubmissionTools,
  { preference }: Submission,
  { deadlineMs }: Pick<LeadJob, 'deadlineMs'>,
  expected: ExpectedOutcome,
): Promise<LeadOutcome | undefined> {
  const outcome = await expected.within(preference?.waitMs ?? deadlineMs - tools.pulse.now());
  return outcome?.state === 'PARKED' ? undefined : outcome;
}

/** @throws ApiError for every outcome but acceptance */
export function answerOf(tools: SubmissionTools, companyId: string, outcome: LeadOutcome): LeadAnswer {
  const { dialerResponse } = outcome;
  const unsealed =
    dialerResponse === null
      ? null
      : tools.keyring.unseal(dialerResponse, { companyId, column: SEALED.dialerResponse });
  return answerFor(outcome, unsealed);
}
