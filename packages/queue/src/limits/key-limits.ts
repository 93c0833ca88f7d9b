import type { RateWindow } from '@live-feed/core/directory/dialer-settings';
import { localDay } from '@live-feed/core/limits/local-day';
import { bucketFor, UNLIMITED } from '@live-feed/core/limits/rate-windows';
import { z } from 'zod';
import { QueueUnavailableError } from '../jobs/lead-producer.ts';
import { isReady, type Redis } from '../redis/redis.ts';
import { redisScript } from '../redis/redis-script.ts';
import { bucketArgs } from './permits.ts';

/** What an API key may send, counted over all ingresses. */
export interface KeyLimits {
  readonly keyId: string;
  readonly rate: RateWindow | undefined;
  /** Leads a day. */
  readonly daily: number | undefined;
  /** A dry run: it counts in the rate, and not in the number of the day, which must not be reached though. */
  readonly isDryRun: boolean;
  /** Whose days. */
  readonly timeZone: string;
}

export type KeyVerdict =
  | { readonly kind: 'taken' }
  /** @property waitMs until the next lead may be taken */
  | { readonly kind: 'rate' | 'daily'; readonly waitMs: number };

/** An unused bucket is full long before. */
const KEEP_MS = 2 * 86_400_000;

const takeOfKey = redisScript(
  new URL('./permit-clock.lua', import.meta.url),
  new URL('./take-of-key.lua', import.meta.url),
);

const answerSchema = z.tuple([z.enum(['taken', 'rate', 'daily']), z.number()]);

/**
 * Counts one lead of a key, if its limits allow one more now. A Redis that has lost its data begins to count anew.
 *
 * @param redis connected for the role `requests`
 * @param nowMs says which day it is, milliseconds since the epoch
 * @throws QueueUnavailableError within 2 s
 */
export async function takeLeadOfKey(redis: Redis, limits: KeyLimits, nowMs: number): Promise<KeyVerdict> {
  if (!isReady(redis)) throw new QueueUnavailableError('no');
  const { keyId, rate, daily, isDryRun, timeZone } = limits;
  const { date, endsInMs } = localDay(timeZone, nowMs);
  const tag = `{lf:key:${keyId}}`;
  const bucket = rate === undefined ? UNLIMITED : bucketFor([rate], 0);
  const args = ['', KEEP_MS, ...bucketArgs(bucket), daily ?? 0, endsInMs, isDryRun ? 0 : 1];
  try {
    const answer = await takeOfKey.run(redis, [`${tag}:bucket`, `${tag}:day:${date}`], args);
    const [kind, waitMs] = answerSchema.parse(answer);
    return kind === 'taken' ? { kind } : { kind, waitMs };
  } catch (error) {
    throw new QueueUnavailableError('no', error);
  }
}
