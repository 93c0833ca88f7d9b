import type { Clock } from '@live-feed/core/clock';
import type { LeadJob } from '@live-feed/core/lead/lead-job';
import type { Database } from '../connection/client.ts';
import { claimKey, type KeyClaim, type KeyedRequest } from '../leads/idempotency-keys.ts';
import { claimPhone, type PhoneClaim, type PhoneClaimed } from './phone-claims.ts';

/** A caller waits for it, at an ingress whose statements take a second at most. */
const PATIENCE = { maxWait: 2_000, timeout: 3_000 } as const;

type Duplicate = Extract<PhoneClaimed, { kind: 'duplicate' }>;

/** Undoes the transaction. */
class DuplicateFound extends Error {
  readonly duplicate: Duplicate;

  constructor(duplicate: Duplicate) {
    super('The phone is claimed.');
    this.duplicate = duplicate;
  }
}

/**
 * `claimKey` and `claimPhone`, both or neither: a key that is taken claims no phone, and a duplicate takes no key and leaves no row. The key comes
 * first, so that repetitions of a request wait for each other there, and none is a duplicate of the other.
 */
export async function claimKeyAndPhone(
  database: Database,
  keyed: KeyedRequest,
  lead: LeadJob,
  acknowledged: boolean,
  claim: PhoneClaim,
  clock?: Clock,
): Promise<KeyClaim | Duplicate> {
  try {
    return await database.$transaction(async (transaction) => {
      const key = await claimKey(transaction, keyed, lead, acknowledged, clock);
      if (key.kind === 'taken') return key;
      const phone = await claimPhone(transaction, claim, clock);
      if (phone.kind === 'duplicate') throw new DuplicateFound(phone);
      return key;
    }, PATIENCE);
  } catch (error) {
    if (error instanceof DuplicateFound) return error.duplicate;
    throw error;
  }
}
