import { LRUCache } from 'lru-cache';
import type { Redis } from '../redis/redis.ts';
import { announceDialer } from './lease-registry.ts';

/** How a producer notifies workers of dialers that have leads. */
export interface DialerAnnouncer {
  /**
   * Announces that a dialer has leads. Call it after adding a lead, not before: a worker that gives up the dialer's lease has then
   * either seen the lead, or sees this announcement. Costs at most one script per dialer and second.
   */
  announce(dialerId: string): void;
}

/** Less than a worker goes on serving a dialer after it has released the lease, see `leases.ts`. */
const REMEMBER_MS = 1_000;
/** With more dialers, the one announced longest ago is announced again. */
const MOST_REMEMBERED = 10_000;

/**
 * @param redis owned by the caller, connected for the role `requests` or `jobs`
 * @param onError after an error, the dialer's next lead announces it again
 */
export function createDialerAnnouncer(redis: Redis, onError: (error: unknown) => void): DialerAnnouncer {
  const announced = new LRUCache<string, true>({ max: MOST_REMEMBERED, ttl: REMEMBER_MS });

  return {
    announce(dialerId) {
      if (announced.has(dialerId)) return;
      announced.set(dialerId, true);
      announceDialer(redis, dialerId).catch((error: unknown) => {
        announced.delete(dialerId);
        onError(error);
      });
    },
  };
}
