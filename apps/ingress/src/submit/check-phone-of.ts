import { type LeadJob, SEALED } from '@live-feed/core/lead/lead-job';
import type { PhoneChecked } from '@live-feed/core/lead/phone-checked';
import { claimKey, findTakenKey } from '@live-feed/database/leads/idempotency-keys';
import { refuse } from '@live-feed/database/leads/lead-transitions';
import type { LeadToAdmit } from '../admission/admit-lead.ts';
import { databaseRefusal } from '../admission/database-refusal.ts';
import { ApiError } from '../answers/api-error.ts';
import { checkPhone } from '../phone-check/check-phone.ts';
import type { PhoneVerdict } from '../phone-check/phone-checks.ts';
import { untilKnown } from './keep-lead.ts';
import { ofSameRequest, type TakenKey } from './keyed-request.ts';
import type { Submission, SubmissionTools } from './submission-tools.ts';

export type Checked =
  /** The lead may be taken; its job has what the check said. */
  | { readonly kind: 'passed'; readonly job: LeadJob }
  /** Its `Idempotency-Key` already stands for a lead: this one is not taken. */
  | TakenKey;

/**
 * Where the company has phones checked: asks about the lead's. A refused lead leaves its row as evidence, and keeps its `Idempotency-Key`, so
 * that repetitions are answered alike. Requests that repeat a key are not asked about.
 *
 * @throws ApiError 422 if the phone is refused, 503 if nothing is known of it and the company has such leads refused
 */
export async function checkPhoneOf(
  tools: SubmissionTools,
  submission: Submission,
  lead: LeadToAdmit,
): Promise<Checked> {
  const { job, keyed } = lead;
  if (submission.key.phoneCheck === null) return { kind: 'passed', job };
  const known = keyed === undefined ? undefined : await takenBefore(tools, keyed);
  if (known !== undefined) return known;
  const verdict = await askAboutPhone(tools, submission, lead);
  if (verdict === undefined) return { kind: 'passed', job };
  const phoneCheck = recordOf(tools, job, verdict);
  if (verdict.result !== 'refused') return { kind: 'passed', job: { ...job, phoneCheck } };
  const taken = await refuseLead(tools, { ...job, phoneCheck }, keyed);
  if (taken !== undefined) return taken;
  submission.onLead(job.leadId);
  throw new ApiError('PHONE_SUPPRESSED', { about: 'check', leadId: job.leadId, reason: verdict.reason });
}

/** Nothing is recorded. @returns undefined where phones are not checked @throws ApiError 503 as `checkPhone` */
export async function askAboutPhone(
  { phoneChecks, drain, databaseHealth }: SubmissionTools,
  { key: { phoneCheck } }: Submission,
  lead: LeadToAdmit,
): Promise<PhoneVerdict | undefined> {
  if (phoneCheck === null) return undefined;
  const leftMs = drain.withinStop(lead.job.deadlineMs - databaseHealth.now());
  return checkPhone(phoneChecks, phoneCheck, lead, leftMs);
}

async function takenBefore(
  { database, databaseHealth }: SubmissionTools,
  keyed: NonNullable<LeadToAdmit['keyed']>,
): Promise<TakenKey | undefined> {
  try {
    return ofSameRequest(await findTakenKey(database, keyed));
  } catch (error) {
    throw error instanceof ApiError ? error : databaseRefusal(databaseHealth.alive(), {}, error);
  }
}

/** @returns the key, if another request has taken it in the meantime */
async function refuseLead(
  tools: SubmissionTools,
  job: LeadJob,
  keyed: LeadToAdmit['keyed'],
): Promise<TakenKey | undefined> {
  const { database } = tools;
  if (keyed === undefined) {
    await untilKnown(tools, job, 'none', () => refuse(database, job));
    return undefined;
  }
  const claimed = await untilKnown(tools, job, 'none', () => claimKey(database, keyed, job, false));
  return claimed.kind === 'ours' ? undefined : ofSameRequest(claimed);
}

function recordOf(
  { keyring, databaseHealth }: SubmissionTools,
  { companyId }: LeadJob,
  verdict: PhoneVerdict,
): PhoneChecked {
  if (verdict.result === 'unanswered')
    return { result: verdict.result, at: new Date(databaseHealth.now()).toISOString(), cached: false };
  const { result, atMs, cached, reason } = verdict;
  const sealed =
    reason === null ? null : keyring.seal(reason, { companyId, column: SEALED.phoneCheckReason });
  return { result, at: new Date(atMs).toISOString(), cached, ...(sealed === null ? {} : { reason: sealed }) };
}
