import type { KeyRecord } from '@live-feed/database/directory/lookups';
import type { KeyLimits, KeyVerdict } from '@live-feed/queue/limits/key-limits';
import { ApiError } from '../answers/api-error.ts';

export type TakeLeadOfKey = (limits: KeyLimits) => Promise<KeyVerdict>;

/**
 * Counts a lead against the limits of its key, if that has any. A request that becomes no new lead does not count, and is not refused.
 *
 * @param isDryRun one counts in the rate, because it is work as well, and not in the number of the day
 * @param becomesNoLead see `isRepetition`
 * @throws ApiError 429 if the key has reached one, 503 if Redis cannot tell: nothing was taken
 */
export async function countLead(
  takeLeadOfKey: TakeLeadOfKey,
  { keyId, settings, timeZone }: KeyRecord,
  isDryRun: boolean,
  becomesNoLead: () => Promise<boolean>,
): Promise<void> {
  const { rate, daily } = settings;
  if ((rate === undefined && daily === undefined) || (await becomesNoLead())) return;
  let verdict: KeyVerdict;
  try {
    verdict = await takeLeadOfKey({ keyId, rate, daily, isDryRun, timeZone });
  } catch (error) {
    throw new ApiError('QUEUE_UNAVAILABLE', {}, error);
  }
  // An equal request may have come first meanwhile.
  if (verdict.kind === 'taken' || (await becomesNoLead())) return;
  const retryAfterSeconds = Math.max(1, Math.ceil(verdict.waitMs / 1_000));
  throw new ApiError('KEY_LIMIT_REACHED', { about: verdict.kind, retryAfterSeconds });
}
