import { type Clock, type Stopwatch, startStopwatch } from '@live-feed/core/clock';
import type { Bucket } from '@live-feed/core/limits/rate-windows';
import { z } from 'zod';
import { isReady, type Redis } from '../redis/redis.ts';
import { redisScript } from '../redis/redis-script.ts';
import { bucketKey, type DialerAddress, dialerKeys, type Operation } from './dialer-address.ts';
import { FAILURES_UNTIL_HELD } from './dialer-health.ts';

/**
 * Permits: the right to make one call to an account now, shared by all workers through Redis.
 *
 * GCRA, a token bucket stored as one timestamp: when the bucket will be full, in microseconds of Redis' clock. Permits are never reserved:
 * a worker that has to wait holds nothing and tries again. While Redis is unavailable there are no permits.
 *
 * - A missing timestamp starts with one token, so a Redis that has lost everything allows no burst. That one call may exceed the windows,
 *   if the burst had just been used and all calls arrive at their latest.
 * - A server that has taken over from another may lack the last permits, so its buckets start empty.
 * - A clock that is set back empties the bucket, instead of blocking it until the clock has caught up.
 */

/** A permit expires if its call has not reached the socket by then. */
export const PERMIT_LIFE_MS = 500;

export interface Permit {
  /** Counted from before the request to Redis. */
  readonly age: Stopwatch;
  readonly key: string;
  /** The timestamp before and after this permit, microseconds. Equal if there is no limit. */
  readonly beforeUs: number;
  readonly afterUs: number;
}

export type PermitAnswer =
  | {
      readonly kind: 'granted';
      readonly permit: Permit;
      /** Failures are counted: only one lead, and one upload at a time. */
      readonly probing: boolean;
      /** Failures or refusals are counted: report a success to `DialerHealth`. */
      readonly troubled: boolean;
    }
  /** At least 1: until a permit may be free, or until the hold ends. */
  | { readonly kind: 'wait' | 'held'; readonly waitMs: number };

export interface Permits {
  /**
   * @param bucket of the account; two dialers that share an account should agree on it
   * @param reserve permits of the burst that are left for other callers; none of a new bucket, which has only one
   * @throws at once while Redis is unavailable, and if it does not answer in time
   */
  take(address: DialerAddress, bucket: Bucket, reserve?: number): Promise<PermitAnswer>;
  /**
   * Returns a permit without a call; call it once. A permit that is not the last, from a nearly full bucket, is lost: returning it could grant
   * another permit twice.
   *
   * @returns whether the permit was returned
   */
  giveBack(permit: Permit): Promise<boolean>;
}

/** A bucket that is unused for this long starts anew, with one token. */
const KEEP_MS = 86_400_000;

const takePermit = redisScript(
  new URL('./permit-clock.lua', import.meta.url),
  new URL('./take-permit.lua', import.meta.url),
);

const returnPermit = redisScript(
  new URL('./permit-clock.lua', import.meta.url),
  new URL('./return-permit.lua', import.meta.url),
);

const answerSchema = z.tuple([
  z.enum(['held', 'wait', 'granted']),
  z.number(),
  z.number(),
  z.number(),
  z.number(),
  z.number(),
]);

/**
 * @param redis owned by the caller, connected for the role `requests`, because a late permit is useless
 * @param operation each has its own bucket; holds apply only to uploads
 * @param clock replaces Redis' clock in tests
 */
export function createPermits(redis: Redis, operation: Operation, clock?: Clock): Permits {
  const nowUs = () => (clock === undefined ? '' : Math.round(clock.now() * 1_000));

  return {
    async take(address, bucket, reserve = 0) {
      // A command that waited for Redis would take a permit that is not needed any more.
      if (!isReady(redis)) throw new Error('There are no permits while Redis is unavailable.');
      const key = bucketKey(address, operation);
      const { hold, troubles } = dialerKeys(address);
      const server = `${key}:server`;
      const keys = operation === 'upload' ? [key, server, hold, troubles] : [key, server];
      const age = startStopwatch();
      const args = [nowUs(), KEEP_MS, ...bucketArgs(bucket), reserve, FAILURES_UNTIL_HELD];
      const answer = answerSchema.parse(await takePermit.run(redis, keys, args));
      const [kind, waitMs, beforeUs, afterUs, probing, troubled] = answer;
      if (kind !== 'granted') return { kind, waitMs };
      return {
        kind,
        permit: { age, key, beforeUs, afterUs },
        probing: probing === 1,
        troubled: troubled === 1,
      };
    },

    async giveBack({ key, beforeUs, afterUs }) {
      if (beforeUs === afterUs) return true;
      return (await returnPermit.run(redis, [key], [nowUs(), KEEP_MS, beforeUs, afterUs])) === 1;
    },
  };
}

export function isFresh(permit: Permit): boolean {
  return permit.age.elapsedMs() < PERMIT_LIFE_MS;
}

/** Microseconds per permit, rounded up so that the rate is never exceeded, and the burst. */
export function bucketArgs({ burst, ratePerMs }: Bucket): [number, number] {
  return ratePerMs === Number.POSITIVE_INFINITY ? [0, 0] : [Math.ceil(1_000 / ratePerMs), burst];
}
