import { z } from 'zod';
import type { Redis } from '../redis/redis.ts';
import { redisScript } from '../redis/redis-script.ts';
import { type DialerAddress, dialerKeys } from './dialer-address.ts';

/**
 * Whether a dialer may upload now, shared by all workers through Redis.
 *
 * A circuit breaker. It is open while the dialer is *held*: after a 429, a refused token, or five failures in a row, or by an operator. If a
 * hold ends while failures are counted it is half-open, and one lead at a time *probes*. A success closes it, except for holds of the dialing
 * system (429) and of operators. `permits.ts` reads the same keys.
 *
 * Every change is one script, so simultaneous reports have the same effect as consecutive ones. After Redis has lost everything, no
 * dialer is held.
 */

const holdReasonSchema = z.enum(['throttled', 'token_refused', 'failing', 'ops']);
export type HoldReason = z.infer<typeof holdReasonSchema>;

export interface DialerStanding {
  /** Until the hold ends; 0 if there is none. */
  readonly heldForMs: number;
  /** When it ends, by Redis' clock; null if there is none. */
  readonly heldUntil: Date | null;
  readonly reason: HoldReason | null;
  /** The operator's reason. */
  readonly note: string | null;
  /** In a row, without uploads that were under way when a hold began. */
  readonly failures: number;
  /** Whether only one lead at a time may be sent. */
  readonly probing: boolean;
}

export interface NotedTrouble {
  /** Until the hold ends; 0 if there is none. */
  readonly heldForMs: number;
  /** This report began the hold. Reports during a hold begin none. */
  readonly begun: boolean;
}

export interface DialerHealth {
  /** For operators, and for processes that take no permit. */
  describe(address: DialerAddress): Promise<DialerStanding>;
  /** One cheap command. If false, the dialer is not held and has no failures. */
  isTroubled(address: DialerAddress): Promise<boolean>;
  /** Records a successful upload. Needed only if its permit was `troubled`. */
  succeeded(address: DialerAddress): Promise<void>;
  failed(address: DialerAddress, kind: 'token_refused' | 'failing'): Promise<NotedTrouble>;
  /** @param retryAfterMs from the dialing system's response */
  throttled(address: DialerAddress, retryAfterMs: number | undefined): Promise<NotedTrouble>;
  /** An operator's hold. Successes do not end it, and a longer one of the dialing system stays. It replaces the operator's previous one. */
  hold(address: DialerAddress, forMs: number, note: string): Promise<void>;
  /** Removes every hold, including an operator's, and all failures. */
  release(address: DialerAddress): Promise<void>;
}

export const FAILURES_UNTIL_HELD = 5;
/** The first, second, … hold in a row; all later ones are as long as the last. */
const HOLDS_MS = [1_000, 2_000, 4_000, 8_000, 16_000, 30_000] as const;
/** The longest hold, even if the dialing system's `Retry-After` is longer. */
export const LONGEST_THROTTLE_MS = 60_000;
/** Failures are forgotten after this time without another. */
const FORGET_MS = 600_000;

const noteTrouble = redisScript(new URL('./note-trouble.lua', import.meta.url));
const notedSchema = z.tuple([z.number(), z.number()]);

const noteSuccess = redisScript(new URL('./note-success.lua', import.meta.url));

const holdForOps = redisScript(new URL('./hold-for-ops.lua', import.meta.url));

const readStanding = redisScript(new URL('./read-standing.lua', import.meta.url));
const standingSchema = z.tuple([
  z.number(),
  holdReasonSchema.nullable(),
  z.coerce.number(),
  z.coerce.number(),
  z.string().nullable(),
  z.number(),
]);

/** @param redis owned by the caller, connected for the role `requests`, or `jobs` where waiting for Redis is right */
export function createDialerHealth(redis: Redis): DialerHealth {
  const keysOf = (address: DialerAddress) => {
    const { hold, troubles } = dialerKeys(address);
    return [hold, troubles];
  };

  async function note(
    address: DialerAddress,
    reason: HoldReason,
    count: { readonly field: 'failures' | 'refusals' | 'throttles'; readonly threshold: number },
    askedMs: number,
  ): Promise<NotedTrouble> {
    const { field, threshold } = count;
    const args = [field, threshold, reason, askedMs, FORGET_MS, ...HOLDS_MS];
    const [heldForMs, begun] = notedSchema.parse(await noteTrouble.run(redis, keysOf(address), args));
    return { heldForMs, begun: begun === 1 };
  }

  return {
    async describe(address) {
      const keys = [...keysOf(address), dialerKeys(address).note];
      const answer = standingSchema.parse(await readStanding.run(redis, keys, []));
      const [ttlMs, reason, failures, refusals, note, nowMs] = answer;
      const heldForMs = Math.max(0, ttlMs);
      return {
        heldForMs,
        heldUntil: heldForMs > 0 ? new Date(nowMs + heldForMs) : null,
        reason: heldForMs > 0 ? reason : null,
        note: heldForMs > 0 && reason === 'ops' ? note : null,
        failures: failures + refusals,
        probing: failures >= FAILURES_UNTIL_HELD || refusals > 0,
      };
    },

    async isTroubled(address) {
      return (await redis.exists(...keysOf(address))) > 0;
    },

    async succeeded(address) {
      await noteSuccess.run(redis, keysOf(address), []);
    },

    failed(address, kind) {
      // A refused token will be refused again, so the first refusal holds the dialer.
      const count =
        kind === 'token_refused'
          ? ({ field: 'refusals', threshold: 1 } as const)
          : ({ field: 'failures', threshold: FAILURES_UNTIL_HELD } as const);
      return note(address, kind, count, 0);
    },

    throttled(address, retryAfterMs = 0) {
      const askedMs = Math.ceil(Math.min(LONGEST_THROTTLE_MS, Math.max(0, retryAfterMs)));
      return note(address, 'throttled', { field: 'throttles', threshold: 1 }, askedMs);
    },

    async hold(address, forMs, note) {
      const { hold, note: noteKey } = dialerKeys(address);
      await holdForOps.run(redis, [hold, noteKey], [Math.max(1, Math.ceil(forMs)), note]);
    },

    async release(address) {
      await redis.del(...Object.values(dialerKeys(address)));
    },
  };
}
