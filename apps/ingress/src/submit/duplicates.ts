import { setTimeout as delay } from 'node:timers/promises';
import type { DuplicateRule } from '@live-feed/core/directory/duplicate-rule';
import { mayUseCampaign } from '@live-feed/core/directory/key-settings';
import type { LeadJob } from '@live-feed/core/lead/lead-job';
import { isSettled } from '@live-feed/core/lead/lead-state';
import {
  claimPhone,
  type EarlierLead,
  findEarlierLead,
  handOnPhone,
  type PhoneClaim,
  type PhoneClaimed,
  releasePhone,
} from '@live-feed/database/duplicates/phone-claims';
import { outcomeOf } from '@live-feed/database/leads/lead-rows';
import pTimeout from 'p-timeout';
import { databaseRefusal } from '../admission/database-refusal.ts';
import { inLine } from '../admission/in-line.ts';
import { ApiError, type ApiErrorCode } from '../answers/api-error.ts';
import { duplicateOf, keptAnswer, type LeadAnswer, outcomeAnswer } from '../answers/lead-answer.ts';
import { hadEnded } from './queue-lead.ts';
import { type Submission, type SubmissionTools, waitLeftMs } from './submission-tools.ts';

/** What a lead has to do with an earlier one of its phone. */
export type Earlier =
  /** An equal request is under way: its answer is this one's. */
  | { readonly kind: 'joined'; readonly leadId: string }
  | { readonly kind: 'duplicate'; readonly of: EarlierLead };

export type Duplicate = Extract<PhoneClaimed, { kind: 'duplicate' }>;

/** Between two tries for a phone whose earlier lead is under way. The end of that lead ends the pause. */
const PAUSE_MS = 1_000;
/** An equal lead that has claimed its phone is queued within this time, and can be joined then, also by a request that does not wait. */
const JOINS_WITHIN_MS = 1_000;
const JOIN_EVERY_MS = 50;

/**
 * Claims a lead's phone. While the lead that has it is under way, its outcome is waited for: if it is not taken after all, this lead goes on.
 * So a lead is called a duplicate of one that was taken, or of one whose outcome is not known in time.
 *
 * @param attempt claims the phone. Given the duplicate that it found before, it may look first whether that has changed
 * @returns what `attempt` returned once the phone is this lead's, or the earlier lead
 */
export async function claimInTurn<Own extends { readonly kind: 'ours' | 'taken' }>(
  tools: SubmissionTools,
  submission: Submission,
  job: LeadJob,
  attempt: (before: Duplicate | undefined) => Promise<Own | Duplicate>,
): Promise<Own | Earlier> {
  const beganAt = performance.now();
  const waitMs = waitLeftMs(tools, submission, job);
  for (let before: Duplicate | undefined; ; ) {
    const claimed = await attempt(before);
    if (claimed.kind !== 'duplicate') return claimed;
    before = claimed;
    const { leadId, joinKey } = claimed;
    const isEqual = joinKey !== null && joinKey === job.joinKey;
    if (isEqual && (await joins(tools, job, claimed))) return { kind: 'joined', leadId };
    const waitedMs = performance.now() - beganAt;
    const mayJoin = isEqual && waitedMs < JOINS_WITHIN_MS;
    const leftMs = Math.min(
      (mayJoin ? Math.max(waitMs, JOINS_WITHIN_MS) : waitMs) - waitedMs,
      tools.drain.answersEndInMs(),
    );
    if (hasEnded(claimed) || leftMs <= 0) return { kind: 'duplicate', of: claimed };
    await outcomeWithin(tools, leadId, Math.min(leftMs, mayJoin ? JOIN_EVERY_MS : PAUSE_MS));
  }
}

function hasEnded({ row }: EarlierLead): boolean {
  return row !== null && isSettled(row.state);
}

/** Joins an equal lead, as the queue does, so that it is not withdrawn any more. False also while it is not queued yet. */
async function joins(tools: SubmissionTools, job: LeadJob, earlier: EarlierLead): Promise<boolean> {
  const { leadId } = earlier;
  if (hasEnded(earlier)) return !(await hadEnded(tools, leadId, job));
  try {
    return await tools.producer.join(job, leadId);
  } catch (error) {
    throw new ApiError('QUEUE_UNAVAILABLE', {}, error);
  }
}

async function outcomeWithin(tools: SubmissionTools, leadId: string, ms: number): Promise<void> {
  const earlier = tools.waiting.join(leadId);
  try {
    await earlier.within(ms);
  } finally {
    earlier.forget();
  }
}

/** The lead that has a phone, as far as it is another: one look for all leads of the phone at this ingress. @throws ApiError 429, 503 */
export async function lookForEarlier(
  tools: SubmissionTools,
  claim: PhoneClaim & ForLead,
): Promise<Duplicate | undefined> {
  const { database, databaseHealth, phoneLooks } = tools;
  try {
    const earlier = await phoneLooks.look(phoneOf(claim), () =>
      inLine(tools, claim.lead, () => findEarlierLead(database, claim)),
    );
    return earlier === null ? undefined : { kind: 'duplicate', ...earlier };
  } catch (error) {
    if (error instanceof ApiError) throw error;
    throw databaseRefusal(databaseHealth.alive(), {}, error);
  }
}

interface ForLead {
  readonly lead: LeadJob;
}

/** Leads with an equal one get the same answer to who has it. */
function phoneOf({ rule: { scope, windowMs }, lead }: PhoneClaim): string {
  return [lead.companyId, scope === 'company' ? '' : lead.campaignId, lead.phoneDigest, windowMs].join(' ');
}

/** As `claimInTurn`, for a lead without an `Idempotency-Key`. @returns undefined once the phone is its own @throws ApiError 429, 503 */
export async function claimUnkeyed(
  tools: SubmissionTools,
  submission: Submission,
  claim: PhoneClaim & ForLead,
): Promise<Earlier | undefined> {
  const { phoneLooks } = tools;
  const phone = phoneOf(claim);
  const claimed = await claimInTurn(tools, submission, claim.lead, async (before) => {
    for (let isKnown = before !== undefined; ; isKnown = true) {
      await phoneLooks.claiming(phone);
      const earlier = isKnown ? await lookForEarlier(tools, claim) : undefined;
      if (earlier !== undefined) return earlier;
      if (phoneLooks.claiming(phone) === undefined) {
        return phoneLooks.claim(phone, () => claimNow(tools, claim));
      }
    }
  });
  return claimed.kind === 'ours' ? undefined : claimed;
}

async function claimNow(tools: SubmissionTools, claim: PhoneClaim & ForLead): Promise<PhoneClaimed> {
  try {
    return await inLine(tools, claim.lead, () => claimPhone(tools.database, claim));
  } catch (error) {
    if (error instanceof ApiError) throw error;
    // It may have been claimed, but the lead is not in the queue yet.
    const refusal = databaseRefusal(tools.databaseHealth.alive(), {}, error);
    await releaseUntaken(tools, claim, refusal);
    throw refusal;
  }
}

/** Nothing was taken, and nothing will be. */
const NOTHING_TAKEN: ReadonlySet<ApiErrorCode> = new Set([
  'QUEUE_UNAVAILABLE',
  'DATABASE_UNAVAILABLE',
  'OVERLOADED',
  'GIVEN_BACK',
  'CAMPAIGN_PAUSED',
]);

const RELEASE_MS = 500;
/** A claim that could not be given up is tried again after that time, so often; then it ends by itself soon. */
const RELEASE_AGAIN_MS = 2_000;
const MOST_RELEASES = 40;

/** Gives up the claim of a lead that was not taken, so that it can be submitted again. Soon afterwards, if that fails. */
export async function releaseUntaken(
  tools: SubmissionTools,
  claim: PhoneClaim & ForLead,
  error: unknown,
): Promise<void> {
  if (!(error instanceof ApiError) || !NOTHING_TAKEN.has(error.code)) return;
  const release = () =>
    inLine(tools, claim.lead, () =>
      pTimeout(releasePhone(tools.database, claim), { milliseconds: RELEASE_MS }),
    );
  try {
    await release();
  } catch (err) {
    tools.logger.warn(
      { err, leadId: claim.lead.leadId },
      'the phone of a lead that was not taken stays claimed',
    );
    void releaseLater(release, MOST_RELEASES);
  }
}

async function releaseLater(release: () => Promise<void>, tries: number): Promise<void> {
  await delay(RELEASE_AGAIN_MS, undefined, { ref: false });
  await release().catch(() => (tries > 1 ? releaseLater(release, tries - 1) : undefined));
}

/** For a lead that has joined one without a claim: the rule was switched on a moment ago. */
export async function handOn(
  tools: SubmissionTools,
  claim: PhoneClaim & ForLead,
  leadId: string,
): Promise<void> {
  try {
    await inLine(tools, claim.lead, () => handOnPhone(tools.database, claim, leadId));
  } catch (err) {
    tools.logger.warn({ err, leadId }, 'the claim on a phone could not be handed on');
  }
}

/**
 * The answer to a duplicate.
 *
 * @throws ApiError 409 if the rule says so, if the caller's key does not reach the earlier lead, or if it is not known whether the earlier lead is taken; every error that the earlier lead got
 */
export function duplicateAnswer(
  tools: SubmissionTools,
  { key, preference, onLead }: Submission,
  { action }: DuplicateRule,
  { leadId, campaignId, row }: EarlierLead,
): LeadAnswer {
  if (!mayUseCampaign(key.settings, campaignId)) throw new ApiError('DUPLICATE_LEAD', { about: 'hidden' });
  const earlier = duplicateOf(leadId, row);
  if (action === 'refuse' || row === null)
    throw new ApiError('DUPLICATE_LEAD', { about: 'shown', ...earlier });
  onLead(leadId);
  if (row.state === 'ACCEPTED') {
    const answer = outcomeAnswer(tools.keyring, key.companyId, outcomeOf(row));
    return { ...answer, ...earlier, headers: { ...answer.headers, ...earlier.headers } };
  }
  if (preference === undefined) throw new ApiError('OUTCOME_PENDING', { leadId, ...earlier });
  const answer = keptAnswer(leadId);
  return { ...answer, ...earlier, headers: { ...answer.headers, ...earlier.headers } };
}
