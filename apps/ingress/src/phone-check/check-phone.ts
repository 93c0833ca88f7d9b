import type { PhoneCheck } from '@live-feed/core/directory/phone-check';
import type { LeadJob } from '@live-feed/core/lead/lead-job';
import { ApiError } from '../answers/api-error.ts';
import type { PhoneChecks, PhoneQuestion, PhoneVerdict } from './phone-checks.ts';

/** A lead's phone is asked about within this part of the time that its caller still waits. */
const SHARE = 1 / 2;

/**
 * Asks a company's check about a lead's phone.
 *
 * @param leftMs until the lead's deadline
 * @throws ApiError 503 if it does not answer, and the company has such leads refused: nothing was taken
 */
export async function checkPhone(
  phoneChecks: PhoneChecks,
  check: PhoneCheck,
  { job, phone, isDryRun }: { readonly job: LeadJob; readonly phone: string; readonly isDryRun: boolean },
  leftMs: number,
): Promise<PhoneVerdict> {
  const { companyId, phoneDigest, leadId } = job;
  const question: PhoneQuestion = { companyId, check, phone, phoneDigest, leadId, isDryRun };
  const verdict = await phoneChecks.ask(question, leftMs * SHARE);
  if (verdict.result === 'unanswered' && check.unanswered === 'refuse')
    throw new ApiError('PHONE_CHECK_UNAVAILABLE', { about: 'unanswered' });
  return verdict;
}
