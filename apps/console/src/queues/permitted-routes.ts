import { isReading } from '../sign-in/access.ts';

/**
 * The changes that the console permits. A lead's row in PostgreSQL decides what happens to it. So pausing, resuming, and running a
 * job sooner or again are harmless; adding, editing or removing a job is not. Routes that are not in this list are not registered,
 * also those that a later Bull Board adds.
 */
const PERMITTED_CHANGES: ReadonlySet<string> = new Set([
  'PUT /api/queues/pause',
  'PUT /api/queues/resume',
  'PUT /api/queues/:queueName/pause',
  'PUT /api/queues/:queueName/resume',
  'PUT /api/queues/:queueName/promote',
  'PUT /api/queues/:queueName/retry/:queueStatus',
  'PUT /api/queues/:queueName/:jobId/promote',
  'PUT /api/queues/:queueName/:jobId/retry',
]);

/** @param method in upper case @param route as Bull Board spells it, with its parameters' names */
export function isPermitted(method: string, route: string): boolean {
  return isReading(method) || PERMITTED_CHANGES.has(`${method} ${route}`);
}
