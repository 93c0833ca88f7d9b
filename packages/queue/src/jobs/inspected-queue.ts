import { Queue } from 'bullmq';
import { isReady, type Redis } from '../redis/redis.ts';
import { queueName, queuePrefix } from './dialer-queue.ts';

/** A dialer's queue as people who run the system look at it. Who opens it closes it. */
export type InspectedQueue = Queue;

/**
 * Opens a dialer's queue to look at and to pause, resume, retry and promote. It leaves the queue's settings as the producers have
 * set them: a `Queue` made without `skipMetasUpdate` would reset the length of the event stream to its own default.
 *
 * @param redis connected for the role `requests`; owned by the caller, and still open when the queue has been closed
 * @throws when Redis is away: a `Queue` whose set-up failed would fail for ever, so there is none
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
