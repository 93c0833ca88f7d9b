import type { LeadJob } from '@live-feed/core/lead/lead-job';
import {
  claimKey,
  type KeyClaim,
  type KeyedRequest,
  noteAcknowledged,
} from '@live-feed/database/leads/idempotency-keys';
import { ApiError } from '../answers/api-error.ts';
import { untilKnown } from './keep-lead.ts';
import type { Submission, SubmissionTools } from './submission-tools.ts';

/** A key that already stands for a lead. */
export type TakenKey = Extract<KeyClaim, { kind: 'taken' }>;

/**
 * Takes the caller's key and promises its lead in one statement: at most one lead for each key, however often the request arrives, and at
 * whichever ingress.
 *
 * @param job not used if the key is taken
 * @returns undefined if the key is this request's from now on; else the key as the same request took it before
 * @throws ApiError 422 if another request took it, and as `untilKnown`
 */
export async function claim(
  tools: SubmissionTools,
  { preference }: Submission,
  job: LeadJob,
  keyed: KeyedRequest,
): Promise<TakenKey | undefined> {
  const acknowledged = preference?.waitMs === 0;
  const claimed = await untilKnown(tools, job, 'none', () =>
    claimKey(tools.database, keyed, job, acknowledged),
  );
  if (claimed.kind === 'ours') return undefined;
  if (claimed.sameRequest) return claimed;
  throw new ApiError('IDEMPOTENCY_KEY_REUSED');
}

/** Lets repetitions get the 202 that this request gets. If that fails they may get the lead's outcome instead. */
export async function noteKept(tools: SubmissionTools, keyed: KeyedRequest, leadId: string): Promise<void> {
  try {
    await noteAcknowledged(tools.database, keyed, leadId);
  } catch (err) {
    tools.logger.warn({ err, leadId }, 'could not record that a keyed lead was answered with 202');
  }
}
