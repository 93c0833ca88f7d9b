import type { LeadJob } from '@live-feed/core/lead-job';
import { isKeyTaken, type KeyedRequest } from '@live-feed/database/idempotency-keys';
import type { Refusal } from './admission.ts';
import { ApiError, type ApiErrorCode } from './api-error.ts';
import type { PreparedLead } from './prepare-lead.ts';
import { databaseUnavailable, queueUnavailable } from './queue-lead.ts';
import type { Submission, SubmissionTools } from './submission-tools.ts';

/**
 * Refuses a lead that could not be answered in time, or that there is no room for. Only a refusal costs a question.
 *
 * @returns to be called once the caller does not wait any more
 * @throws ApiError 429: nothing was taken
 */
export async function admitLead(
  tools: SubmissionTools,
  { preference }: Submission,
  { job, group, keyed }: PreparedLead,
): Promise<() => void> {
  if (tools.stopping()) throw overloaded('This server is about to stop');
  const { companyId, dialerId, campaignId } = job;
  const candidate = {
    dialerId,
    campaignId,
    group,
    request: keyed === undefined ? (job.joinKey ?? job.leadId) : `${companyId} ${keyed.keyDigest}`,
    waits: preference === undefined,
  };
  const verdict = tools.admission.judge(candidate, tools.pulse.now());
  if (verdict.kind === 'refused' && !(await isLetThrough(tools, verdict, job, keyed))) throw refused(verdict);
  const cap = tools.caps.enter(companyId);
  if (cap !== undefined) {
    throw overloaded(
      cap === 'ingress'
        ? 'Too many leads are waiting here'
        : "Too many of your company's leads are waiting here",
    );
  }
  return () => tools.caps.leave(companyId);
}

/**
 * A request that would become no new lead is let through: told to come back, it might come when the lead that it means has ended, and be another.
 * So is one that comes right after a pause, before this process has been told of its end.
 */
async function isLetThrough(
  tools: SubmissionTools,
  { why }: Refusal,
  job: LeadJob,
  keyed: KeyedRequest | undefined,
): Promise<boolean> {
  const { producer, database } = tools;
  try {
    if (why === 'paused' && !(await producer.isPaused(job.dialerId))) return true;
    if (keyed === undefined) return await producer.isUnderWay(job);
  } catch (error) {
    throw queueUnavailable({}, error);
  }
  try {
    return await isKeyTaken(database, keyed);
  } catch (error) {
    throw databaseUnavailable({}, error);
  }
}

const REFUSED = {
  backlog: { code: 'DIALER_BACKLOG', because: 'More leads wait for your dialer than it can take in time' },
  held: { code: 'DIALER_PAUSED', because: 'Your dialer may not be called for a while' },
  paused: { code: 'DIALER_PAUSED', because: 'Your dialer is paused' },
} as const satisfies Record<Refusal['why'], { code: ApiErrorCode; because: string }>;

function refused({ why, retryAfterS }: Refusal): ApiError {
  const { code, because } = REFUSED[why];
  return comeBack(code, because, retryAfterS);
}

export function overloaded(why: string): ApiError {
  return comeBack('OVERLOADED', why, 1);
}

function comeBack(code: ApiErrorCode, why: string, retryAfterS: number): ApiError {
  const when = retryAfterS === 1 ? 'in a second' : `in ${retryAfterS} seconds`;
  return new ApiError(code, `${why}; nothing was taken. Submit the lead again ${when}.`, {
    headers: { 'retry-after': String(retryAfterS) },
  });
}
