/** RFC 9110, section 10.2.3: `Retry-After` is a number of seconds or an HTTP date. */

const LONGEST_MS = 3_600_000;
const HTTP_DATE = /^(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/;

/**
 * @param header the value as received.
 * @param nowMs our clock, against which a date is told.
 * @returns milliseconds to wait, at most an hour; undefined where the header is absent, unreadable or asks for no wait,
 *   so that the caller's own backoff applies.
 */
export function parseRetryAfter(header: string | undefined, nowMs: number): number | undefined {
  const value = header?.trim() ?? '';
  let waitMs: number;
  if (/^\d+$/.test(value)) waitMs = Number(value) * 1_000;
  else if (HTTP_DATE.test(value)) waitMs = Date.parse(value) - nowMs;
  else return undefined;
  return waitMs > 0 ? Math.min(waitMs, LONGEST_MS) : undefined;
}
