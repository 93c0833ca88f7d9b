import { z } from 'zod';
import type { Redis } from '../redis/redis.ts';
import { redisScript } from '../redis/redis-script.ts';
import { type DialerAddress, dialerKeys } from './dialer-address.ts';

/**
 * Whether a dialer may upload now, shared by all workers through Redis.
 *
 * A dialer is *held* when its dialing system asked for it (429), refused its token, or failed five times in a row, or when an operator holds it. When
 * a hold ends while failures stand, one lead at a time probes; a success clears everything but what the dialing system or ops asked for.
 * `permits.ts` looks at the same keys.
 *
 * Every change is one script: two reports at the same time have the same effect as one after the other. After
 * Redis has lost everything, no dialer is held.
 */

const holdReasonSchema = z.enum(['throttled', 'token_refused', 'failing', 'ops']);
export type HoldReason = z.infer<typeof holdReasonSchema>;

export interface DialerStanding {
  /** Milliseconds until the hold ends; 0 if there is none. */
  readonly heldForMs: number;
  /** When it ends, by Redis' clock; null if there is none. */
  readonly heldUntil: Date | null;
  readonly reason: HoldReason | null;
  /** What ops wrote beside their hold. */
  readonly note: string | null;
  /** In a row, without those that were under way when a hold began. */
  readonly failures: number;
  /** True while only one lead at a time should go out. */
  readonly probing: boolean;
}

export interface NotedTrouble {
  /** For how long the dialer is held now, milliseconds; 0 if it is not. */
  readonly heldForMs: number;
  /** This trouble began the hold: what ends while one stands begins none. */
  readonly begun: boolean;
}

export interface DialerHealth {
  /** For operators, and for processes that take no permit. */
  describe(address: DialerAddress): Promise<DialerStanding>;
  /** One cheap command; where it is false, `describe` has nothing to tell. */
  isTroubled(address: DialerAddress): Promise<boolean>;
  /** Notes that an upload succeeded. Needed only if its permit was `troubled`. */
  succeeded(address: DialerAddress): Promise<void>;
  failed(address: DialerAddress, kind: 'token_refused' | 'failing'): Promise<NotedTrouble>;
  /** @param retryAfterMs what the dialing system named, if it did */
  throttled(address: DialerAddress, retryAfterMs: number | undefined): Promise<NotedTrouble>;
  /** Held by ops: until then, whatever succeeds or fails, unless the dialing system asks for longer. A new one replaces the one before. */
  hold(address: DialerAddress, forMs: number, note: string): Promise<void>;
  /** Removes every hold, including an operator's, and all failures. */
  release(address: DialerAddress): Promise<void>;
}

export const FAILURES_UNTIL_HELD = 5;
/** How long the first, second, … hold in a row lasts; all further ones last as long as the last. */
const HOLDS_MS = [1_000, 2_000, 4_000, 8_000, 16_000, 30_000] as const;
/** The longest hold. A dialing system that names a later time is tried again after this. */
const LONGEST_THROTTLE_MS = 60_000;
/** Troubles that nothing follows are forgotten. */
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
      // A refused token will not be taken at the next try either: it holds at once.
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
