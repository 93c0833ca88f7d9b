import type { KeepJobs } from 'bullmq';

/**
 * BullMQ's version is pinned, because some of its internals are used: the keys of a queue and the field `paused` of its meta key
 * (`queue-state.lua`, `dialer-stops.ts`), a delayed job's score, `moveToDelayed`, `lockManager`, `createBackend` and `processJob` of its
 * worker (`lead-source.ts`), the deduplication key (`mark-joined.lua`, `take-out.lua`).
 */

/**
 * One BullMQ queue per dialer, so that companies cannot delay each other and operators can pause one. The hash tag keeps its keys on one
 * node of a Redis Cluster. Queue names are unique without the prefix, which dashboards ignore.
 */
export function queueName(dialerId: string): string {
  return dialerId;
}

export function queuePrefix(dialerId: string): string {
  return `{lf:${dialerId}}`;
}

/** Finished jobs are kept only for people to look at. */
export const FINISHED_JOBS: KeepJobs = { age: 3_600, count: 1_000 };

/** BullMQ always writes events to a stream; nothing reads it, so it stays short. */
export const EVENT_STREAM = { events: { maxLen: 100 } };
