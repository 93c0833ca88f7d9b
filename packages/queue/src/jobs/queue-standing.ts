import { idTimeMs } from '@live-feed/core/ids';
import type { InspectedQueue } from './inspected-queue.ts';

/** The contents of a dialer's queue, for operators. */
export interface QueueStanding {
  /** By an operator. */
  readonly paused: boolean;
  /** Leads that can be taken now. */
  readonly waiting: number;
  /** Leads that wait to be retried. */
  readonly delayed: number;
  /** Leads that a worker has taken. */
  readonly active: number;
  /** When the lead that waits longest was received; null if none waits. */
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
