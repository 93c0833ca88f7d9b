import type { IncomingHttpHeaders } from 'node:http';

/**
 * Whether a page of somebody else's sent a request: a browser sends the password along with those as well. It says so in
 * `Sec-Fetch-Site` (Fetch Metadata; on HTTPS and on this machine) or in `Origin` (Fetch, section 3.2; with every change). Whoever
 * sends neither is no browser, and has no password that another page could borrow.
 */
export function isFromElsewhere(headers: IncomingHttpHeaders): boolean {
  const site = headers['sec-fetch-site'];
  if (site !== undefined) return site !== 'same-origin';
  const { origin, host } = headers;
  if (origin === undefined) return false;
  return !URL.canParse(origin) || new URL(origin).host !== host?.toLowerCase();
}
