import type { Queue } from 'bullmq';
import type { Redis } from '../redis/redis.ts';
import { redisScript } from '../redis/redis-script.ts';

/**
 * A request that joins a lead marks the lead's job. A marked job is never removed from its queue unsent, so the joined request may get the
 * response that the lead will be delivered.
 */

/** BullMQ's key for the unfinished job of a join key. */
const joinKeyOf = (queue: Queue, joinKey: string) => queue.toKey(`de:${joinKey}`);

const markJoined = redisScript(new URL('./mark-joined.lua', import.meta.url));

/** @returns false if the job was removed from its queue meanwhile, so that there is nothing to join */
export async function join(redis: Redis, queue: Queue, joinKey: string, leadId: string): Promise<boolean> {
  const keys = [joinKeyOf(queue, joinKey), queue.toKey(leadId)];
  return (await markJoined.run(redis, keys, [leadId])) === 1;
}

const takeOut = redisScript(new URL('./take-out.lua', import.meta.url));

/**
 * Removes a job from its queue, unless another request has joined it.
 *
 * @param evenIfTaken also a job that workers took and put back unsent
 * @returns false if a worker has it or may have sent it, or another request has joined it
 */
export async function takeOutUnsent(
  redis: Redis,
  queue: Queue,
  lead: { readonly leadId: string; readonly joinKey?: string | null | undefined },
  evenIfTaken: boolean,
): Promise<boolean> {
  const { leadId, joinKey } = lead;
  const lists = ['wait', 'delayed', 'prioritized', 'paused'].map((type) => queue.toKey(type));
  const keys = [queue.toKey(leadId), joinKeyOf(queue, joinKey ?? ''), ...lists];
  return (await takeOut.run(redis, keys, [leadId, evenIfTaken ? 1 : 0])) === 1;
}
