/** Maximum size of a request body, bytes. */
export const BODY_LIMIT = 64 * 1024;

/** Maximum size of request line and headers together, bytes. */
export const MAX_HEADER_BYTES = 16 * 1024;

/**
 * Maximum number of connections that the kernel holds until the process accepts them; Linux allows 4,096 by default
 * (`net.core.somaxconn`). A busy Node accepts one in each turn of its event loop. A client that finds no place tries again after 1, 3, 7 s.
 */
export const LISTEN_BACKLOG = 4_096;

/**
 * Fastify's and Node's own limits against slow and greedy clients.
 *
 * @param requestTimeoutMs time for a request to arrive, from its first byte to the last of its body
 * @param keepAliveMs time until the next request begins. Longer than a load balancer keeps idle connections, else one may be closed just as
 * it is used. `requestTimeoutMs` and `headersTimeout` begin with a request, not here
 */
export function httpLimits(requestTimeoutMs: number, keepAliveMs: number) {
  return {
    bodyLimit: BODY_LIMIT,
    requestTimeout: requestTimeoutMs,
    keepAliveTimeout: keepAliveMs,
    /** Ends a socket without traffic: longer than the longest wait for an answer. */
    connectionTimeout: 60_000,
    http: {
      headersTimeout: requestTimeoutMs,
      maxHeaderSize: MAX_HEADER_BYTES,
      /** A time-out is noticed this much late at most. */
      connectionsCheckingInterval: 1_000,
      // Node's own refusal has no body; see `check-requests.ts`.
      requireHostHeader: false,
    },
  } as const;
}
