import { queuePrefix } from './dialer-queue.ts';
import type { Redis } from './redis.ts';

/**
 * Whether a dialer may upload now, shared by all workers through Redis.
 *
 * A dialer is *held* when its dialing system asked for it (429), refused its token, or failed five times in a row. When a hold ends
 * while failures stand, one lead at a time probes; a success clears everything.
 */

export type HoldReason = 'throttled' | 'token_refused' | 'failing';

export interface DialerStanding {
  /** Milliseconds until the hold ends; 0 if there is none. */
  readonly heldForMs: number;
  /** True while only one lead at a time should go out. */
  readonly probing: boolean;
}

export interface DialerHealth {
  standing(dialerId: string): Promise<DialerStanding>;
  /** An upload worked. Cheap where nothing was wrong. */
  succeeded(dialerId: string): Promise<void>;
  /** @returns for how long the dialer is held now, milliseconds; 0 if it is not */
  failed(dialerId: string, kind: 'token_refused' | 'failing'): Promise<number>;
  throttled(dialerId: string, retryAfterMs: number | undefined): Promise<number>;
}

const FAILURES_UNTIL_HELD = 5;
const FIRST_HOLD_MS = 1_000;
const LONGEST_HOLD_MS = 30_000;
/** A dialing system that names a later time is asked again by then. */
const LONGEST_THROTTLE_MS = 60_000;
/** Failures that nothing follows are forgotten. */
const FORGET_MS = 600_000;

/** How long the n-th hold in a row lasts: 1 s, 2 s, 4 s … 30 s. */
export function holdMs(nth: number): number {
  return Math.min(LONGEST_HOLD_MS, FIRST_HOLD_MS * 2 ** Math.max(0, nth - 1));
}

const holdKey = (dialerId: string) => `${queuePrefix(dialerId)}:hold`;
const failuresKey = (dialerId: string) => `${queuePrefix(dialerId)}:failures`;
const throttlesKey = (dialerId: string) => `${queuePrefix(dialerId)}:throttles`;

export function createDialerHealth(redis: Redis): DialerHealth {
  /** Dialers that something was wrong with when last looked at: only these need clearing. */
  const troubled = new Set<string>();

  async function count(key: string, weight = 1): Promise<number> {
    const answers = await redis.pipeline().incrby(key, weight).pexpire(key, FORGET_MS).exec();
    return Number(answers?.[0]?.[1] ?? 1);
  }

  async function hold(dialerId: string, reason: HoldReason, ms: number): Promise<number> {
    troubled.add(dialerId);
    // The longer of two holds wins: a probe that fails must not cut short what the dialing system asked for.
    const left = await redis.pttl(holdKey(dialerId));
    if (left < ms) await redis.set(holdKey(dialerId), reason, 'PX', Math.max(1, Math.ceil(ms)));
    return Math.max(left, ms);
  }

  return {
    async standing(dialerId) {
      const answers = await redis.pipeline().pttl(holdKey(dialerId)).get(failuresKey(dialerId)).exec();
      const ttl = Number(answers?.[0]?.[1] ?? 0);
      const failures = Number(answers?.[1]?.[1] ?? 0);
      if (failures > 0) troubled.add(dialerId);
      return { heldForMs: Math.max(0, ttl), probing: failures >= FAILURES_UNTIL_HELD };
    },

    async succeeded(dialerId) {
      if (!troubled.delete(dialerId)) return;
      await redis.del(holdKey(dialerId), failuresKey(dialerId), throttlesKey(dialerId));
    },

    async failed(dialerId, kind) {
      troubled.add(dialerId);
      // A refused token will not be taken at the next try either: it holds at once.
      const weight = kind === 'token_refused' ? FAILURES_UNTIL_HELD : 1;
      const failures = await count(failuresKey(dialerId), weight);
      if (failures < FAILURES_UNTIL_HELD) return 0;
      return hold(dialerId, kind, holdMs(Math.ceil((failures - FAILURES_UNTIL_HELD + 1) / weight)));
    },

    async throttled(dialerId, retryAfterMs) {
      const nth = await count(throttlesKey(dialerId));
      return hold(dialerId, 'throttled', Math.min(LONGEST_THROTTLE_MS, retryAfterMs ?? holdMs(nth)));
    },
  };
}
