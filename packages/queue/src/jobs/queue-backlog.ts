import { idTimeMs, isId } from '@live-feed/core/ids';
import { z } from 'zod';
import type { Redis } from '../redis/redis.ts';
import { redisScript } from '../redis/redis-script.ts';
import { queueName, queuePrefix } from './dialer-queue.ts';

/** What waits for a dialer, whoever serves it. */
export interface QueueBacklog {
  /** Also those that wait to be tried again. */
  readonly waiting: number;
  /** When the next lead to be taken, or to be tried again, was received, whichever is older; null if none waits. */
  readonly oldest: Date | null;
}

const readState = redisScript(new URL('./queue-state.lua', import.meta.url));
const stateSchema = z.tuple([z.number(), z.number(), z.number(), z.string(), z.string(), z.string()]);

/** One round trip. @throws if Redis does not answer */
export async function readBacklog(redis: Redis, dialerId: string): Promise<QueueBacklog> {
  const keys = ['meta', 'wait', 'prioritized', 'delayed'].map(
    (name) => `${queuePrefix(dialerId)}:${queueName(dialerId)}:${name}`,
  );
  const [, waiting, delayed, dueId, , nextId] = stateSchema.parse(await readState.run(redis, keys, []));
  const times = [dueId, nextId].filter(isId).map(idTimeMs);
  return {
    waiting: waiting + delayed,
    oldest: times.length === 0 ? null : new Date(Math.min(...times)),
  };
}
