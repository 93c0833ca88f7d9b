import { newId } from '@live-feed/core/ids';
import { type LeadJob, SEALED } from '@live-feed/core/lead-job';
import type { LeadOutcome } from '@live-feed/core/lead-outcome';
import { type LeadRequest, leadPayload } from '@live-feed/core/lead-request';
import { isSettled } from '@live-feed/core/lead-state';
import { normalisePhone } from '@live-feed/core/phone';
import type { PhoneDigest } from '@live-feed/core/phone-digest';
import type { Keyring } from '@live-feed/core/sealing';
import type { Database } from '@live-feed/database/client';
import { type LeadRow, outcomeOf } from '@live-feed/database/lead-rows';
import { abandon, promise } from '@live-feed/database/lead-transitions';
import type { DialerRecord, KeyRecord } from '@live-feed/database/lookups';
import type { DatabasePulse } from '@live-feed/database/pulse';
import { isSupportedFamily } from '@live-feed/dialers/lead-loaders';
import { type LeadProducer, QueueUnavailableError } from '@live-feed/queue/lead-producer';
import type { Logger } from '@live-feed/runtime/logger';
import { ApiError, type ApiErrorDetails } from './api-error.ts';
import type { Directory } from './directory.ts';
import { answerFor, type LeadAnswer, pending } from './lead-answer.ts';
import type { ExpectedOutcome, WaitingLeads } from './waiting-leads.ts';

export interface SubmissionTools {
  readonly database: Database;
  readonly pulse: DatabasePulse;
  readonly directory: Directory;
  readonly producer: LeadProducer;
  readonly waiting: WaitingLeads;
  readonly keyring: Keyring;
  readonly phoneDigest: PhoneDigest;
  readonly logger: Logger;
  /** This process's completion stream. */
  readonly replyTo: string;
  readonly deadlineMs: number;
  readonly maxAgeMs: number;
  readonly maxWaiting: number;
  /** True once the process is to stop: it takes nothing new. */
  readonly stopping: () => boolean;
}

export interface Submission {
  readonly key: KeyRecord;
  readonly request: LeadRequest;
  /** How long ago the request arrived. */
  readonly arrivedMsAgo: number;
  /** Told the lead's id as soon as there is one. */
  readonly onLead: (leadId: string) => void;
}

/**
 * Takes a lead and waits for what becomes of it.
 *
 * @throws ApiError for everything but acceptance
 */
export async function submitLead(tools: SubmissionTools, submission: Submission): Promise<LeadAnswer> {
  const { key, onLead } = submission;
  const job = await prepare(tools, submission);
  if (tools.stopping()) throw overloaded('This server is about to stop');
  if (tools.waiting.size >= tools.maxWaiting) throw overloaded('Too many leads are waiting here');
  onLead(job.leadId);
  const expected = tools.waiting.expect(job.leadId);
  try {
    const outcome = await enqueueAndWait(tools, job, expected);
    return answerFor(outcome, unsealAnswer(tools, key.companyId, outcome));
  } finally {
    expected.forget();
  }
}

function overloaded(why: string): ApiError {
  return new ApiError('OVERLOADED', `${why}; nothing was taken. Submit the lead again in a second.`, {
    headers: { 'retry-after': '1' },
  });
}

/** The checks of the API's section 5, in its order. */
async function prepare(tools: SubmissionTools, { key, request, arrivedMsAgo }: Submission): Promise<LeadJob> {
  const reading = normalisePhone(request.lead.leadPhone);
  if (!reading.ok) {
    throw new ApiError('PHONE_INVALID', reading.reason, {
      issues: [{ path: 'lead.leadPhone', message: reading.reason }],
    });
  }
  const dialer = usableDialer(key.dialer);
  const { campaignId } = request;
  if (!(await tools.directory.hasCampaign(key.companyId, campaignId))) {
    throw new ApiError(
      'CAMPAIGN_NOT_FOUND',
      'Your company has no campaign with this campaignId. Use the id that the dialer shows, and have the campaign added if it is new.',
    );
  }
  const nowMs = tools.pulse.now();
  const { companyId } = key;
  const payload = leadPayload(request, reading.phone, dialer.uploadDefaults);
  return {
    v: 1,
    leadId: newId(nowMs),
    companyId,
    dialerId: dialer.id,
    campaignId,
    payload: tools.keyring.seal(JSON.stringify(payload), { companyId, column: SEALED.payload }),
    phoneDigest: tools.phoneDigest(companyId, reading.phone),
    phoneLast2: reading.phone.slice(-2),
    replyTo: tools.replyTo,
    receivedAtMs: nowMs - arrivedMsAgo,
    deadlineMs: nowMs + tools.deadlineMs,
    expiresAtMs: nowMs + tools.maxAgeMs,
  };
}

function usableDialer(dialer: DialerRecord | null): DialerRecord {
  if (dialer === null) {
    throw new ApiError('NO_DIALER', 'Your company has no dialer configured. Have one set up first.');
  }
  if (!isSupportedFamily(dialer.family)) {
    throw new ApiError(
      'DIALER_FAMILY_UNSUPPORTED',
      "Your company's dialer is neither RingCX nor NewBridge; this endpoint serves those two.",
    );
  }
  const [token, name] =
    dialer.family === 'ringcx'
      ? [dialer.permanentToken, 'permanentToken']
      : [dialer.apiAuthToken, 'apiAuthToken'];
  if (token === null) {
    throw new ApiError(
      'DIALER_TOKEN_MISSING',
      `Your company's dialer configuration lacks its ${name}. Have it added first.`,
    );
  }
  return dialer;
}

async function enqueueAndWait(
  tools: SubmissionTools,
  job: LeadJob,
  expected: ExpectedOutcome,
): Promise<LeadOutcome> {
  try {
    await tools.producer.add(job);
  } catch (error) {
    await giveBack(tools, job, error);
  }
  const outcome = await expected.within(job.deadlineMs - tools.pulse.now());
  return outcome ?? promiseOrAnswer(tools, job);
}

/**
 * The job may or may not have reached the queue. Once its row says ABANDONED no worker sends it, and the caller can be told that
 * nothing was taken. If a worker was faster, or the database is away as well, its outcome is waited for like any other's.
 */
async function giveBack(tools: SubmissionTools, job: LeadJob, error: unknown): Promise<void> {
  if (!(error instanceof QueueUnavailableError)) throw error;
  if (error.taken === 'no') throw queueUnavailable({}, error);
  let row: LeadRow;
  try {
    row = await abandon(tools.database, job);
  } catch (err) {
    tools.logger.error({ err, leadId: job.leadId }, 'a lead could not be given back');
    return;
  }
  if (row.state === 'ABANDONED') throw queueUnavailable({ leadId: job.leadId }, error);
}

function queueUnavailable(details: ApiErrorDetails, cause: unknown): ApiError {
  return new ApiError(
    'QUEUE_UNAVAILABLE',
    'The lead could not be queued; nothing was taken. Submit it again later.',
    details,
    cause,
  );
}

/** At the deadline. "Pending" is said only of a lead that is on disk. */
async function promiseOrAnswer(tools: SubmissionTools, job: LeadJob): Promise<LeadOutcome> {
  let row: LeadRow;
  try {
    row = await promise(tools.database, job);
  } catch (error) {
    tools.logger.error({ err: error, leadId: job.leadId }, 'a lead could not be promised at its deadline');
    if (await tools.producer.withdraw(job)) {
      throw new ApiError('GIVEN_BACK', 'The lead was given back unsent. Submit it again later.', {
        leadId: job.leadId,
      });
    }
    throw pending(job.leadId);
  }
  if (!isSettled(row.state)) throw pending(job.leadId);
  return outcomeOf(row);
}

function unsealAnswer(
  tools: SubmissionTools,
  companyId: string,
  { dialerResponse }: LeadOutcome,
): string | null {
  if (dialerResponse === null) return null;
  return tools.keyring.unseal(dialerResponse, { companyId, column: SEALED.dialerResponse });
}
