import { admitLead, isRepetition } from '../admission/admit-lead.ts';
import { countLead } from '../admission/key-limits.ts';
import { type PreparedLead, prepareLead } from './prepare-lead.ts';
import type { Submission, SubmissionTools } from './submission-tools.ts';

/**
 * Everything that decides whether a lead is taken, in its order. A dry run goes through the same, without taking a place, so what it says is
 * what a lead would be told. What is looked up of leads from now on belongs here.
 *
 * @returns the lead, and what is to be called once its caller has an answer
 * @throws ApiError 400, 403, 404, 429, 503: nothing was taken
 */
export async function checkLead(
  tools: SubmissionTools,
  submission: Submission,
): Promise<{ readonly lead: PreparedLead; readonly leave: () => void }> {
  const { key, isDryRun } = submission;
  const lead = await prepareLead(tools, submission);
  const leave = await admitLead(tools, lead);
  try {
    // Last of all: a lead that is refused for another reason does not count.
    await countLead(tools.takeLeadOfKey, key, isDryRun, () => isRepetition(tools, lead));
    return { lead, leave };
  } catch (error) {
    leave();
    throw error;
  }
}
