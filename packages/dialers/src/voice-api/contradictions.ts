import type { UploadAnswer } from './lead-response.ts';

/**
 * Whether an answer says two things that cannot both be true. Then nothing in it is believed, and read-back settles it.
 *
 * Accepted and not inserted is no contradiction: a duplicate, or on a do-not-call list. Nor is a status or a result that we do not know.
 *
 * @param sent leads in the upload, at least one
 */
export function contradictsItself(answer: UploadAnswer, sent: number): boolean {
  const { leadsAccepted: accepted, leadsInserted, leadsSupplied, rejectedRows } = answer;
  const inserted = leadsInserted ?? 0;
  const supplied = leadsSupplied ?? sent;
  if (![accepted, inserted, supplied].every(isCount)) return true;
  // "None of none" is a refusal before the leads were counted.
  const isAboutUs = supplied === sent || (supplied === 0 && accepted === 0);
  if (!isAboutUs || accepted > sent || inserted > accepted) return true;
  if (accepted === 0) return false;
  return saysItFailed(answer) || (accepted === sent && (rejectedRows?.length ?? 0) > 0);
}

function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}

/** `Failed` as documented, and as others may write it. */
const FAILED = /^\s*(?:fail|error)/i;

/** Of the documented statuses, those under which no lead can have been accepted. */
const FAILED_STATUSES = new Set(['GENERAL_FAILURE', 'NO_LEADS_PASSED_VALIDATION']);

function saysItFailed({ processingResult, processingStatus }: UploadAnswer): boolean {
  return (
    (typeof processingResult === 'string' && FAILED.test(processingResult)) ||
    (typeof processingStatus === 'string' && FAILED_STATUSES.has(processingStatus.trim().toUpperCase()))
  );
}
