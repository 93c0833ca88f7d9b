import type { IncomingHttpHeaders } from 'node:http';

/**
 * Whether a page of another origin sent the request: a browser sends the password with those as well. Browsers say so in
 * `Sec-Fetch-Site` (Fetch Metadata; on HTTPS and on this machine) or in `Origin` (Fetch, section 3.2; with every change). A client
 * that sends neither is not a browser, and stores no password that another page could use.
 *
 * @param own hosts with their ports, or whole origins, of the console in the browser
 */
export function isFromElsewhere(headers: IncomingHttpHeaders, own: readonly string[]): boolean {
  const site = headers['sec-fetch-site'];
  if (site !== undefined) return site !== 'same-origin';
  const { origin } = headers;
  if (origin === undefined) return false;
  return !URL.canParse(origin) || !own.some((one) => isOrigin(one, new URL(origin)));
}

/** A default port may be written or not. */
function isOrigin(own: string, { protocol, origin }: URL): boolean {
  const url = own.includes('://') ? own : `${protocol}//${own}`;
  return URL.canParse(url) && new URL(url).origin === origin;
}

/** The parts of a request that show where the browser sent it. */
interface SentRequest {
  readonly headers: IncomingHttpHeaders;
  readonly socket: { readonly remoteAddress?: string | undefined };
}

export interface OwnOrigins {
  of(request: SentRequest): readonly string[];
}

/**
 * The console's origins in the browser: the request's host, the host that a trusted proxy reports, and the public address. No page
 * can make its visitor's browser send other values of these headers.
 */
export function ownOrigins(
  publicUrl: string | undefined,
  isTrusted: (address: string) => boolean,
): OwnOrigins {
  const fixed = publicUrl === undefined ? [] : [new URL(publicUrl).origin];
  return {
    of({ headers, socket }) {
      const forwarded = isTrusted(socket.remoteAddress ?? '') ? [headers['x-forwarded-host']].flat() : [];
      return [headers.host, ...forwarded].flatMap((host) => hostOf(host)).concat(fixed);
    },
  };
}

/** The first of several values is what the browser sent; later proxies add theirs after it. */
function hostOf(header: string | undefined): string[] {
  const host = header?.split(',')[0]?.trim();
  return host === undefined || host === '' ? [] : [host];
}
