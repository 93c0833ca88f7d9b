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

/**
 * A worker that stops renewing its jobs' locks loses them after `lockMs`; whoever checks next hands them to another. The stalled
 * check's key in Redis is shared, so the interval has to be the same everywhere.
 */
export const LOCK_MS = 8_000;
export const STALLED_CHECK_MS = 4_000;

/** BullMQ copies every event into a stream that cannot be turned off: 100 entries are enough for a look. */
export const EVENT_STREAM = { events: { maxLen: 100 } };
