import { idTimeMs } from '@live-feed/core/ids';
import type { InspectedQueue } from './inspected-queue.ts';

/** How much is in a dialer's queue, for people who run the system. */
export interface QueueStanding {
  /** By ops, until they resume it. */
  readonly paused: boolean;
  /** Leads that can be taken now. */
  readonly waiting: number;
  /** Leads that are to come again later. */
  readonly delayed: number;
  /** Leads that a worker has taken. */
  readonly active: number;
  /** When the lead that waits longest was received; null where none waits. */
  readonly oldestWaiting: Date | null;
}

export async function describeQueue(queue: InspectedQueue): Promise<QueueStanding> {
  const [counts, paused, [oldest]] = await Promise.all([
    queue.getJobCounts('wait', 'prioritized', 'delayed', 'active'),
    queue.isPaused(),
    queue.getRanges(['wait'], 0, 0, true),
  ]);
  const { wait = 0, prioritized = 0, delayed = 0, active = 0 } = counts;
  return {
    paused,
    waiting: wait + prioritized,
    delayed,
    active,
    oldestWaiting: oldest === undefined ? null : new Date(idTimeMs(oldest)),
  };
}
