import type { DuplicateRule } from '@live-feed/core/directory/duplicate-rule';
import { newId } from '@live-feed/core/ids';
import type { LeadJob } from '@live-feed/core/lead/lead-job';
import { isFinal, isSettled } from '@live-feed/core/lead/lead-state';
import type { PhoneClaim } from '@live-feed/database/duplicates/phone-claims';
import type { KeyedRequest } from '@live-feed/database/leads/idempotency-keys';
import { outcomeOf } from '@live-feed/database/leads/lead-rows';
import type { LeadToAdmit } from '../admission/admit-lead.ts';
import { ApiError } from '../answers/api-error.ts';
import { keptAnswer, type LeadAnswer, outcomeAnswer } from '../answers/lead-answer.ts';
import { outcomeAtDeadline } from '../outcome/outcome-at-deadline.ts';
import type { ExpectedOutcome } from '../outcome/waiting-callers.ts';
import { checkLead } from './check-lead.ts';
import { checkPhoneOf } from './check-phone-of.ts';
import { claimUnkeyed, duplicateAnswer, type Earlier, handOn, releaseUntaken } from './duplicates.ts';
import { giveBackOwn, keep } from './keep-lead.ts';
import { claim, noteKept, type TakenKey } from './keyed-request.ts';
import { outcomeUnlessPaused } from './paused-meanwhile.ts';
import { findJoined, queueLead } from './queue-lead.ts';
import { type Submission, type SubmissionTools, waitLeftMs } from './submission-tools.ts';

/**
 * Takes a lead and answers its caller. Every request goes the same way: its lead is promised, is queued or joins an equal one, and its
 * outcome is waited for. The requests differ in when the lead is promised, that is, when its row is written:
 *
 * | promised | for a request | that cannot be queued | while an equal lead is under way | whose outcome is not known in time |
 * |---|---|---|---|---|
 * | `at deadline` | that waits | is given back, 503 | joins it | is promised then, 504; given back, 429, if its campaign was paused meanwhile |
 * | `before queueing` | with `Prefer` | is queued by the reconciler | gives its own row back, promises the other lead and joins it | 202 |
 * | `with key` | with an `Idempotency-Key` | is queued by the reconciler | joins it only if that has the same key | 202 with `Prefer`, else 504 |
 *
 * Where duplicates are looked for, a lead claims its phone before that, or with its key. Where phones are checked, that comes first of all,
 * but for requests that join a lead.
 *
 * @throws ApiError for everything but 200 and 202
 */
export async function submitLead(tools: SubmissionTools, submission: Submission): Promise<LeadAnswer> {
  const { lead, leave } = await checkLead(tools, submission);
  try {
    const intake = intakeOf(tools, submission, lead);
    const joined = submission.key.phoneCheck === null ? undefined : await joinUnderWay(intake, lead.job);
    if (joined !== undefined) return joined;
    const checked = await checkPhoneOf(tools, submission, lead);
    if (checked.kind === 'taken') return await repeatAnswer(intake, lead.job, checked);
    return await takeLead(intake, checked.job);
  } finally {
    leave();
  }
}

/** One request whose lead is being taken. */
interface Intake {
  readonly tools: SubmissionTools;
  readonly submission: Submission;
  readonly keyed: KeyedRequest | undefined;
  readonly duplicates: DuplicateRule | null;
  readonly promised: 'at deadline' | 'before queueing' | 'with key';
}

function intakeOf(
  tools: SubmissionTools,
  submission: Submission,
  { keyed, duplicates }: LeadToAdmit,
): Intake {
  const promised = submission.preference === undefined ? 'at deadline' : 'before queueing';
  return { tools, submission, keyed, duplicates, promised: keyed === undefined ? promised : 'with key' };
}

/** Leads that may fail just as they are joined. After that many the lead is queued without joining any. */
const MOST_FAILED = 3;

async function takeLead(request: Intake, job: LeadJob): Promise<LeadAnswer> {
  const { tools, submission, keyed, duplicates } = request;
  if (keyed !== undefined) {
    const earlier = await claim(tools, submission, job, keyed, duplicates);
    if (earlier?.kind === 'taken') return repeatAnswer(request, job, earlier);
    const answer = earlier && (await answerOfEarlier(request, job, earlier));
    if (answer !== undefined) return answer;
  }
  for (let failed = 0; failed <= MOST_FAILED; failed += 1) {
    // A lead that was given back in favour of another is final: the next try needs a new id.
    const leadId = failed === 0 ? job.leadId : newId(tools.databaseHealth.now());
    const joinKey = failed < MOST_FAILED ? job.joinKey : null;
    const answer = await queueAndAnswer(request, { ...job, leadId, joinKey });
    if (answer !== undefined) return answer;
  }
  throw new Error('A lead without a join key joined another.');
}

/** @returns undefined, and nothing is kept, if the lead equals one that was failing */
async function queueAndAnswer(request: Intake, job: LeadJob): Promise<LeadAnswer | undefined> {
  const { tools, submission, duplicates, keyed } = request;
  if (duplicates === null) return queueClaimed(request, job);
  const claim = { rule: duplicates, lead: job };
  const earlier = keyed === undefined ? await claimUnkeyed(tools, submission, claim) : undefined;
  if (earlier !== undefined) return answerOfEarlier(request, job, earlier);
  try {
    return await queueClaimed(request, job, claim);
  } catch (error) {
    await releaseUntaken(tools, claim, error);
    throw error;
  }
}

/**
 * Joins an equal lead before the phone is asked about: that lead was taken, whatever would be said now. Refused, the request would come back when
 * the other may have ended, and become a second lead.
 *
 * @returns undefined if there is none, or it was failing
 */
async function joinUnderWay(request: Intake, job: LeadJob): Promise<LeadAnswer | undefined> {
  const { tools } = request;
  // Where it cannot be known, the lead goes the usual way.
  const leadId = await findJoined(tools, job).catch(() => undefined);
  if (leadId === undefined || !(await tools.producer.join(job, leadId).catch(() => false))) return undefined;
  return joinAndAnswer(request, { ...job, leadId });
}

/** @returns undefined if the lead equals one that was failing */
async function answerOfEarlier(
  request: Intake,
  job: LeadJob,
  earlier: Earlier,
): Promise<LeadAnswer | undefined> {
  const { tools, submission, duplicates } = request;
  if (earlier.kind === 'joined') return joinAndAnswer(request, { ...job, leadId: earlier.leadId });
  if (duplicates === null) throw new Error('A lead is a duplicate although none are looked for.');
  return duplicateAnswer(tools, submission, duplicates, earlier.of);
}

/** @param claim the lead's, on its phone @returns as `queueAndAnswer` */
async function queueClaimed(
  request: Intake,
  job: LeadJob,
  claim?: PhoneClaim & { readonly lead: LeadJob },
): Promise<LeadAnswer | undefined> {
  const { tools, submission } = request;
  submission.onLead(job.leadId);
  const expected = tools.waiting.expect(job.leadId);
  let leadId: string;
  try {
    leadId = await promiseAndQueue(request, job);
    if (leadId === job.leadId) return await answerWhenKnown(request, job, expected, true);
  } finally {
    expected.forget();
  }
  if (claim !== undefined) await handOn(tools, claim, leadId);
  return joinAndAnswer(request, { ...job, leadId });
}

/** @returns the id of the lead to wait for: this request's own, or an equal one that is under way; then its own is not kept */
async function promiseAndQueue({ tools, promised }: Intake, job: LeadJob): Promise<string> {
  if (promised === 'at deadline') return queueLead(tools, job, 'unpromised');
  if (promised === 'before queueing') await keep(tools, job, 'fails');
  const leadId = await queueLead(tools, job, 'promised');
  if (leadId === job.leadId || (await giveBackOwn(tools, job)).state === 'ABANDONED') return leadId;
  return job.leadId;
}

/**
 * @param job with the id of the lead that is joined, which another request waits for as well
 * @returns undefined if that lead failed meanwhile
 */
async function joinAndAnswer(request: Intake, job: LeadJob): Promise<LeadAnswer | undefined> {
  const { tools, submission, promised } = request;
  if (promised !== 'at deadline') {
    const row = await keep(tools, job, 'stays');
    if (isSettled(row.state) && row.state !== 'ACCEPTED' && row.state !== 'REJECTED') {
      await tools.producer.letGo(job, job.leadId).catch((error: unknown) => {
        throw new ApiError('QUEUE_UNAVAILABLE', {}, error);
      });
      return undefined;
    }
    if (isSettled(row.state)) {
      // It ended after this request had arrived.
      submission.onLead(job.leadId);
      return outcomeAnswer(tools.keyring, job.companyId, outcomeOf(row));
    }
  }
  return answerJoined(request, job);
}

async function answerJoined(request: Intake, job: LeadJob): Promise<LeadAnswer> {
  const { tools, submission } = request;
  submission.onLead(job.leadId);
  const joined = tools.waiting.join(job.leadId);
  try {
    return await answerWhenKnown(request, job, joined, false);
  } finally {
    joined.forget();
  }
}

/** Answers as the key's first request was answered, or waits for its lead as well. */
async function repeatAnswer(
  request: Intake,
  job: LeadJob,
  { row, acknowledged }: TakenKey,
): Promise<LeadAnswer> {
  const { tools, submission } = request;
  if (!acknowledged && !isFinal(row.state)) return answerJoined(request, { ...job, leadId: row.id });
  submission.onLead(row.id);
  submission.onReplay();
  return acknowledged ? keptAnswer(row.id) : outcomeAnswer(tools.keyring, job.companyId, outcomeOf(row));
}

/** @param isOwn false for a lead that another request waits for as well */
async function answerWhenKnown(
  { tools, submission, keyed, promised }: Intake,
  job: LeadJob,
  expected: ExpectedOutcome,
  isOwn: boolean,
): Promise<LeadAnswer> {
  const waitMs = waitLeftMs(tools, submission, job);
  const outcome =
    promised === 'at deadline'
      ? ((await outcomeUnlessPaused(tools, job, expected, waitMs)) ??
        (await outcomeAtDeadline(tools, job, isOwn)))
      : await expected.within(waitMs);
  // A parked lead needs a person to find out its outcome: its caller does not wait for that.
  if (outcome !== undefined && outcome.state !== 'PARKED')
    return outcomeAnswer(tools.keyring, job.companyId, outcome);
  if (submission.preference === undefined) throw new ApiError('OUTCOME_PENDING', { leadId: job.leadId });
  if (keyed !== undefined) await noteKept(tools, keyed, job);
  return keptAnswer(job.leadId);
}
