/**
 * What the dashboard may change. Leads are decided by their rows in PostgreSQL: to pause, to resume, and to run a job sooner or once
 * more is harmless, whereas to add, edit or remove a job behind the row's back is not. Everything that is not in this list is not
 * routed, what a later Bull Board brings along included.
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

/** Methods that change nothing (RFC 9110 §9.2.1), as far as the dashboard serves them. */
export function isReading(method: string): boolean {
  return method === 'GET' || method === 'HEAD';
}

/** @param method in upper case @param route as Bull Board spells it, with its parameters' names */
export function isPermitted(method: string, route: string): boolean {
  return isReading(method) || PERMITTED_CHANGES.has(`${method} ${route}`);
}
