import type { Queue } from 'bullmq';
import type { Redis } from '../redis/redis.ts';
import { redisScript } from '../redis/redis-script.ts';

/**
 * Whether only one request waits for a lead. A request that joins a lead marks the lead's job. After that the job is no longer taken out of
 * its queue, so the joined request may be answered that the lead will be delivered.
 */

/** BullMQ's: what a job of this key is known by while it is under way. */
const joinKeyOf = (queue: Queue, joinKey: string) => queue.toKey(`de:${joinKey}`);

const markJoined = redisScript(new URL('./mark-joined.lua', import.meta.url));

/** @returns false if the job has been taken out of its queue meanwhile: there is nothing to join */
export async function join(redis: Redis, queue: Queue, joinKey: string, leadId: string): Promise<boolean> {
  const keys = [joinKeyOf(queue, joinKey), queue.toKey(leadId)];
  return (await markJoined.run(redis, keys, [leadId])) === 1;
}

const takeOut = redisScript(new URL('./take-out.lua', import.meta.url));

/**
 * Takes a job that no other request has joined out of its queue, in one step.
 *
 * @param evenIfTaken by workers that have put it back without having sent it
 * @returns false if a worker has it, may have sent it, or another request has joined it
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
