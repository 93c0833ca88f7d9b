import { LRUCache } from 'lru-cache';
import type { Redis } from '../redis/redis.ts';
import { announceOnBoard } from './lane-board.ts';

/** The producers' side of lanes. */
export interface LaneAnnouncer {
  /**
   * Says that a dialer has leads. To be called after each lead has been added, not before: whoever gives up a lane has then
   * either seen the lead or is followed by this. Costs one script a second and dialer, and nothing in between.
   */
  announce(dialerId: string): void;
}

/** Less than a lane stays open after it was taken off the board, see `lanes.ts`. */
const REMEMBER_MS = 1_000;
/** Beyond this, the dialer announced longest ago is announced again. */
const MOST_REMEMBERED = 10_000;

/**
 * @param redis owned by the caller, connected for the role `requests` or `jobs`
 * @param onError the dialer is then announced again with its next lead
 */
export function createLaneAnnouncer(redis: Redis, onError: (error: unknown) => void): LaneAnnouncer {
  const announced = new LRUCache<string, true>({ max: MOST_REMEMBERED, ttl: REMEMBER_MS });

  return {
    announce(dialerId) {
      if (announced.has(dialerId)) return;
      announced.set(dialerId, true);
      announceOnBoard(redis, dialerId).catch((error: unknown) => {
        announced.delete(dialerId);
        onError(error);
      });
    },
  };
}
