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
 * GCRA, a token bucket kept as one timestamp: the time until which the bucket is not full, in microseconds of Redis' clock. A permit is
 * tried for, never reserved: a worker that has to wait holds nothing and tries again. While Redis is unavailable there are no permits.
 *
 * - A missing timestamp starts with one token, so a Redis that has lost everything cannot burst. (The windows may then be exceeded by that one
 *   call, if the burst had just been used and the calls arrive bunched together to the last of J.)
 * - A clock set back empties the bucket instead of keeping it shut until the clock has caught up.
 */

/** A permit is for now: one whose call has not reached the socket by then is given up, and another one tried for. */
export const PERMIT_LIFE_MS = 500;

export interface Permit {
  /** Measured from before the request to Redis. */
  readonly age: Stopwatch;
  readonly key: string;
  /** The timestamp as it was and as this permit left it, microseconds. Equal where nothing limits. */
  readonly beforeUs: number;
  readonly afterUs: number;
}

export type PermitAnswer =
  | {
      readonly kind: 'granted';
      readonly permit: Permit;
      /** Failures stand: one lead, and no second upload beside it. */
      readonly probing: boolean;
      /** Failures or refusals are counted: a success is worth telling `DialerHealth`. */
      readonly troubled: boolean;
    }
  /** Whole milliseconds, at least 1: until a permit is free, unless another process takes it, or until the hold ends. */
  | { readonly kind: 'wait' | 'held'; readonly waitMs: number };

export interface Permits {
  /**
   * @param bucket of the account; two dialers that share an account should agree on it
   * @param reserve permits of the burst that are left for others. Of a bucket that starts anew none is, which has only one
   * @throws at once while Redis is away, and when it does not answer in time
   */
  take(address: DialerAddress, bucket: Bucket, reserve?: number): Promise<PermitAnswer>;
  /**
   * Gives back, once, a permit that nothing was sent under. What others have been granted in between is never granted twice,
   * and so a permit may be lost: one that is not the last and was granted from a nearly full bucket.
   *
   * @returns whether it could be given back
   */
  giveBack(permit: Permit): Promise<boolean>;
}

/** A bucket that was not touched for so long starts anew, with one token. */
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
 * @param redis owned by the caller, connected for the role `requests`: an answer that comes late is worth nothing
 * @param operation each has its own bucket; holds apply to uploads only; read-backs from a held dialer are allowed
 * @param clock in place of Redis' own; for tests
 */
export function createPermits(redis: Redis, operation: Operation, clock?: Clock): Permits {
  const nowUs = () => (clock === undefined ? '' : Math.round(clock.now() * 1_000));

  return {
    async take(address, bucket, reserve = 0) {
      // A command that waits for Redis to come back would take a permit for a call of long ago.
      if (!isReady(redis)) throw new Error('There are no permits while Redis is away.');
      const key = bucketKey(address, operation);
      const { hold, troubles } = dialerKeys(address);
      const keys = operation === 'upload' ? [key, hold, troubles] : [key];
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
function bucketArgs({ burst, ratePerMs }: Bucket): [number, number] {
  return ratePerMs === Number.POSITIVE_INFINITY ? [0, 0] : [Math.ceil(1_000 / ratePerMs), burst];
}
