import type { LeadJob } from '@live-feed/core/lead/lead-job';
import { isKeyTaken, type KeyedRequest } from '@live-feed/database/leads/idempotency-keys';
import type { DialerAddress } from '@live-feed/queue/limits/dialer-address';
import type { ApiError, ApiErrorCode } from '../http/api-error.ts';
import type { PreparedLead } from '../submit/prepare-lead.ts';
import { databaseRefusal, queueUnavailable } from '../submit/refusals.ts';
import type { Submission, SubmissionTools } from '../submit/submission-tools.ts';
import { type Candidate, type Refusal, UNTOLD_BACKLOG, type Verdict } from './admission.ts';
import { comeBack, overloaded } from './come-back.ts';

/**
 * Refuses a lead that could not be answered in time, or that there is no room for. What waits for its dialer has been told by the lanes; only whether
 * the dialer may be called at all is asked, see `known-stops.ts`, and whatever a refusal has to know.
 *
 * @returns to be called once the caller does not wait any more
 * @throws ApiError 429: nothing was taken
 */
export async function admitLead(
  tools: SubmissionTools,
  { preference }: Submission,
  { job, group, keyed, address }: PreparedLead,
): Promise<() => void> {
  if (tools.drain.isOver) throw overloaded(ABOUT_TO_STOP);
  const { companyId, dialerId, campaignId } = job;
  const candidate = {
    dialerId,
    campaignId,
    group,
    request: keyed === undefined ? (job.joinKey ?? job.leadId) : `${companyId} ${keyed.keyDigest}`,
    waits: preference === undefined,
  };
  const verdict = await judge(tools, candidate, job.leadId, address);
  if (verdict.kind === 'refused' && !(await isLetThrough(tools, job, keyed))) throw refused(verdict);
  const leave = () => tools.untoldBacklogs.leave(dialerId, job.leadId);
  const cap = tools.caps.enter(companyId);
  if (cap !== undefined) {
    leave();
    throw overloaded(
      cap === 'ingress'
        ? 'Too many leads are waiting here'
        : "Too many of your company's leads are waiting here",
    );
  }
  return () => {
    leave();
    tools.caps.leave(companyId);
  };
}

async function judge(
  tools: SubmissionTools,
  candidate: Candidate,
  leadId: string,
  address: DialerAddress,
): Promise<Verdict> {
  const verdict = tools.admission.judge(candidate, {
    stop: candidate.waits ? await tools.stops.of(address) : undefined,
    nowMs: tools.pulse.now(),
    answersEndInMs: tools.drain.answersEndInMs(),
  });
  if (verdict.kind !== 'untold') return verdict;
  return (await tools.untoldBacklogs.enter(candidate.dialerId, leadId)) ? verdict : UNTOLD_BACKLOG;
}

/** A request that would become no new lead is let through: told to come back, it might come when the lead that it means has ended, and be another. */
async function isLetThrough(
  { producer, database, pulse }: SubmissionTools,
  job: LeadJob,
  keyed: KeyedRequest | undefined,
): Promise<boolean> {
  try {
    if (keyed === undefined) return await producer.isUnderWay(job);
  } catch (error) {
    throw queueUnavailable({}, error);
  }
  try {
    return await isKeyTaken(database, keyed);
  } catch (error) {
    throw databaseRefusal(pulse.alive(), {}, error);
  }
}

const ABOUT_TO_STOP = 'This server is about to stop';

const REFUSED = {
  backlog: { code: 'DIALER_BACKLOG', because: 'More leads wait for your dialer than it can take in time' },
  held: { code: 'DIALER_PAUSED', because: 'Your dialer may not be called for a while' },
  paused: { code: 'DIALER_PAUSED', because: 'Your dialer is paused' },
  stopping: { code: 'OVERLOADED', because: ABOUT_TO_STOP },
} as const satisfies Record<Refusal['why'], { code: ApiErrorCode; because: string }>;

function refused({ why, retryAfterS }: Refusal): ApiError {
  const { code, because } = REFUSED[why];
  return comeBack(code, because, retryAfterS);
}
