import type { Bucket } from '@live-feed/core/limits/rate-windows';
import type { Redis } from '../redis/redis.ts';
import { bucketKey, type DialerAddress, type Operation } from './dialer-address.ts';
import { bucketArgs } from './permits.ts';

/** How much of an account's rate limit is used now. */
export interface PermitUse {
  /** Permits that were taken and are not there again yet, of `burst`. A bucket that is new, or unused for a day, begins with one. */
  readonly used: number;
  readonly burst: number;
  /** At most, over time. */
  readonly perMinute: number;
  /** Until there is a permit; 0: now. */
  readonly waitMs: number;
}

/** Takes none. @returns null where there is no limit */
export async function readPermitUse(
  redis: Redis,
  address: DialerAddress,
  operation: Operation,
  bucket: Bucket,
): Promise<PermitUse | null> {
  const [intervalUs, burst] = bucketArgs(bucket);
  if (intervalUs === 0) return null;
  const [stored, [seconds, microseconds]] = await Promise.all([
    redis.get(bucketKey(address, operation)),
    redis.time(),
  ]);
  const nowUs = Number(seconds) * 1_000_000 + Number(microseconds);
  const missingUs = Math.min(burst * intervalUs, Math.max(0, Number(stored ?? nowUs) - nowUs));
  return {
    used: Math.ceil(missingUs / intervalUs),
    burst,
    perMinute: Math.floor(60_000_000 / intervalUs),
    waitMs: Math.max(0, Math.ceil((missingUs - (burst - 1) * intervalUs) / 1_000)),
  };
}
