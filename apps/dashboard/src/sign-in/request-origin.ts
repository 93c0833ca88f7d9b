import type { IncomingHttpHeaders } from 'node:http';

/**
 * Whether a page of somebody else's sent a request: a browser sends the password along with those as well. It says so in
 * `Sec-Fetch-Site` (Fetch Metadata; on HTTPS and on this machine) or in `Origin` (Fetch, section 3.2; with every change). Whoever
 * sends neither is no browser, and has no password that another page could borrow.
 *
 * @param own hosts with their ports, or whole origins, under which browsers see the dashboard
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

/** As far as it decides where a request was sent to. */
interface SentRequest {
  readonly headers: IncomingHttpHeaders;
  readonly socket: { readonly remoteAddress?: string | undefined };
}

export interface OwnOrigins {
  of(request: SentRequest): readonly string[];
}

/**
 * Where browsers see the dashboard: at the host that a request names, at the one that a trusted proxy says it was sent to, and at the
 * public address. No page can set these headers for its visitor's browser.
 */
export function ownOrigins(
  publicUrl: string | undefined,
  isTrusted: (address: string) => boolean,
): OwnOrigins {
  const fixed = publicUrl === undefined ? [] : [new URL(publicUrl).origin];
  return {
    of({ headers, socket }) {
      const told = isTrusted(socket.remoteAddress ?? '') ? [headers['x-forwarded-host']].flat() : [];
      return [headers.host, ...told].flatMap((host) => hostOf(host)).concat(fixed);
    },
  };
}

/** Of several proxies the first one wrote what the browser sent. */
function hostOf(header: string | undefined): string[] {
  const host = header?.split(',')[0]?.trim();
  return host === undefined || host === '' ? [] : [host];
}
