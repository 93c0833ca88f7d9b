import { setTimeout as delay } from 'node:timers/promises';
import type { Redis } from '@live-feed/queue/redis/redis';
import type { Bed } from './bed.ts';

const QUIET_FOR_MS = 300;
/** Callers wait for 30 s at most, and their leads are delivered after that. */
const QUIET_WITHIN_MS = 60_000;

/**
 * Waits until no queue has a job and nothing was uploaded for a while, so that one candidate's leftovers do not disturb the next.
 * Whether that came true within a minute.
 */
export async function whenQuiet({ redis, simulator }: Pick<Bed, 'redis' | 'simulator'>): Promise<boolean> {
  const endsAt = performance.now() + QUIET_WITHIN_MS;
  while (performance.now() < endsAt) {
    const left = endsAt - performance.now();
    if (!(await simulator.quiet({ forMs: QUIET_FOR_MS, withinMs: left }))) return false;
    if (await queuesAreEmpty(redis)) return true;
    await delay(QUIET_FOR_MS);
  }
  return false;
}

/** BullMQ's lists and sets of jobs that have not ended; Redis has none that is empty. */
const unfinished = /:(wait|active|delayed|prioritized|paused)$/;

async function queuesAreEmpty(redis: Redis): Promise<boolean> {
  let cursor = '0';
  do {
    const [next, keys] = await redis.scan(cursor, 'COUNT', 1_000);
    if (keys.some((key) => unfinished.test(key))) return false;
    cursor = next;
  } while (cursor !== '0');
  return true;
}
