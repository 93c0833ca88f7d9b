import type { DuplicateRule } from '@live-feed/core/directory/duplicate-rule';
import type { LeadJob } from '@live-feed/core/lead/lead-job';
import { claimKeyAndPhone } from '@live-feed/database/duplicates/keyed-claims';
import type { PhoneClaim } from '@live-feed/database/duplicates/phone-claims';
import {
  claimKey,
  type KeyClaim,
  type KeyedRequest,
  noteAcknowledged,
} from '@live-feed/database/leads/idempotency-keys';
import { inLine } from '../admission/in-line.ts';
import { ApiError } from '../answers/api-error.ts';
import { claimInTurn, type Duplicate, type Earlier, lookForEarlier } from './duplicates.ts';
import { untilKnown } from './keep-lead.ts';
import type { Submission, SubmissionTools } from './submission-tools.ts';

/** A key that already stands for a lead. */
export type TakenKey = Extract<KeyClaim, { kind: 'taken' }>;

/**
 * Takes the caller's key and promises its lead in one statement: at most one lead for each key, however often the request arrives, and at
 * whichever ingress. Where duplicates are looked for it also claims the lead's phone: all of this, or none.
 *
 * @param job not used if the key is taken
 * @returns undefined if the key is this request's from now on; else the key as the same request took it before, or the earlier lead of the phone
 * @throws ApiError 422 if another request took it, and as `untilKnown`
 */
export async function claim(
  tools: SubmissionTools,
  submission: Submission,
  job: LeadJob,
  keyed: KeyedRequest,
  duplicates: DuplicateRule | null,
): Promise<TakenKey | Earlier | undefined> {
  const { database } = tools;

  /** Each is a transaction: while the same lead has the phone, looking is enough. */
  async function claimBoth(phone: PhoneClaim & { readonly lead: LeadJob }, before: Duplicate | undefined) {
    const earlier = before && (await lookForEarlier(tools, phone));
    if (earlier !== undefined && earlier.leadId === before?.leadId) return earlier;
    return untilKnown(tools, job, 'none', () =>
      inLine(tools, job, () => claimKeyAndPhone(database, keyed, job, acknowledged, phone)),
    );
  }

  const acknowledged = submission.preference?.waitMs === 0;
  const claimed =
    duplicates === null
      ? await untilKnown(tools, job, 'none', () =>
          inLine(tools, job, () => claimKey(database, keyed, job, acknowledged)),
        )
      : await claimInTurn(tools, submission, job, (before) =>
          claimBoth({ rule: duplicates, lead: job }, before),
        );
  if (claimed.kind === 'ours') return undefined;
  return claimed.kind === 'taken' ? ofSameRequest(claimed) : claimed;
}

/** @throws ApiError 422 if another request took the key */
export function ofSameRequest<Known extends TakenKey | undefined>(known: Known): Known {
  if (known?.sameRequest === false) throw new ApiError('IDEMPOTENCY_KEY_REUSED');
  return known;
}

/** Lets repetitions get the 202 that this request gets. If that fails they may get the lead's outcome instead. */
export async function noteKept(tools: SubmissionTools, keyed: KeyedRequest, lead: LeadJob): Promise<void> {
  try {
    await inLine(tools, lead, () => noteAcknowledged(tools.database, keyed, lead.leadId));
  } catch (err) {
    tools.logger.warn(
      { err, leadId: lead.leadId },
      'could not record that a keyed lead was answered with 202',
    );
  }
}
