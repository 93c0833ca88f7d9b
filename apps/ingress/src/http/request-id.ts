import { newId } from '@live-feed/core/ids';

/** Short, printable, and safe in log lines, URLs and headers. */
const SANE = /^[A-Za-z0-9._~:@/+=-]{1,128}$/;

/** The caller's own `x-request-id` if it sent a sane one, else a new id. Users quote it to support. */
export function requestIdFor(request: {
  headers: { [name: string]: string | string[] | undefined };
}): string {
  const given = request.headers['x-request-id'];
  return typeof given === 'string' && SANE.test(given) ? given : newId();
}
