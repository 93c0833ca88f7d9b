import { Queue } from 'bullmq';
import { isReady, type Redis } from '../redis/redis.ts';
import { queueName, queuePrefix } from './dialer-queue.ts';

/** A dialer's queue as operators see it. The caller who opens it closes it. */
export type InspectedQueue = Queue;

/**
 * Opens a dialer's queue to inspect, pause, resume, retry and promote. With `skipMetasUpdate` it keeps the settings of the producers;
 * without, it would reset the length of the event stream.
 *
 * @param redis connected for the role `requests`; owned by the caller, and closed after the queue
 * @throws if Redis is unavailable, because a `Queue` whose set-up failed would fail on every use
 */
export async function openInspectedQueue(
  redis: Redis,
  dialerId: string,
  onError: (error: Error) => void,
): Promise<InspectedQueue> {
  if (!isReady(redis)) throw new Error('Redis cannot be reached.');
  const queue = new Queue(queueName(dialerId), {
    connection: redis,
    prefix: queuePrefix(dialerId),
    skipMetasUpdate: true,
  });
  queue.on('error', onError);
  try {
    await queue.waitUntilReady();
    return queue;
  } catch (error) {
    await queue.close().catch(onError);
    throw error;
  }
}
