import type { KeepJobs } from 'bullmq';

/**
 * One BullMQ queue per dialer: the unit of fairness between companies, of pausing by ops and, by the hash tag, of sharding over
 * a Redis Cluster. Queue names are unique without the prefix, since dashboards ignore it.
 */
export function queueName(dialerId: string): string {
  return dialerId;
}

export function queuePrefix(dialerId: string): string {
  return `{lf:${dialerId}}`;
}

/** Finished jobs are kept to be looked at, no more: the lead row is what counts. */
export const FINISHED_JOBS: KeepJobs = { age: 3_600, count: 1_000 };

/** BullMQ copies every event into a stream that cannot be turned off: 100 entries are enough for a look. */
export const EVENT_STREAM = { events: { maxLen: 100 } };
