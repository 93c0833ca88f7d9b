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
/** Beyond this the dialer that was announced first is announced again. */
const MOST_REMEMBERED = 10_000;

/**
 * @param redis owned by the caller, connected for the role `requests` or `jobs`
 * @param onError the dialer is then announced again with its next lead
 */
export function createLaneAnnouncer(redis: Redis, onError: (error: unknown) => void): LaneAnnouncer {
  /** When each was last announced, on the process' monotonic clock; oldest first. */
  const announced = new Map<string, number>();

  function remember(dialerId: string, nowMs: number): void {
    announced.delete(dialerId);
    announced.set(dialerId, nowMs);
    const [oldest] = announced.keys();
    if (announced.size > MOST_REMEMBERED && oldest !== undefined) announced.delete(oldest);
  }

  return {
    announce(dialerId) {
      const nowMs = performance.now();
      if (nowMs - (announced.get(dialerId) ?? Number.NEGATIVE_INFINITY) < REMEMBER_MS) return;
      remember(dialerId, nowMs);
      announceOnBoard(redis, dialerId).catch((error: unknown) => {
        announced.delete(dialerId);
        onError(error);
      });
    },
  };
}
