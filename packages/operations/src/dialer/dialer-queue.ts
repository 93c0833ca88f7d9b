import { type InspectedQueue, openInspectedQueue } from '@live-feed/queue/jobs/inspected-queue';
import type { Resources } from '../resources.ts';

/** Runs `work` with a dialer's queue, then closes the queue. */
export async function withQueue<Result>(
  { redis }: Pick<Resources, 'redis'>,
  dialerId: string,
  work: (queue: InspectedQueue) => Promise<Result>,
): Promise<Result> {
  const queue = await openInspectedQueue(await redis(), dialerId, () => undefined);
  try {
    return await work(queue);
  } finally {
    await queue.close();
  }
}
