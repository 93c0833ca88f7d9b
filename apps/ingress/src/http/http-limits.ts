/** Longest request body, bytes. */
export const BODY_LIMIT = 64 * 1024;

/** Longest request line and headers together, bytes. */
export const MAX_HEADER_BYTES = 16 * 1024;

/**
 * Connections that the kernel keeps until the process takes them, at most; Linux allows 4,096 of its own accord
 * (`net.core.somaxconn`). A busy Node takes one in each turn of its event loop; whoever finds no place tries again after 1, 3, 7 s.
 */
export const LISTEN_BACKLOG = 4_096;

/**
 * Fastify's and Node's own limits, against slow and greedy clients.
 *
 * @param requestTimeoutMs for a request to arrive, from its first byte to the last of its body
 * @param keepAliveMs for the next request to begin. A connection that a load balancer keeps for longer may be closed in the moment in
 * which it is used. It is no part of `requestTimeoutMs` or `headersTimeout`, which begin with a request
 */
export function httpLimits(requestTimeoutMs: number, keepAliveMs: number) {
  return {
    bodyLimit: BODY_LIMIT,
    requestTimeout: requestTimeoutMs,
    keepAliveTimeout: keepAliveMs,
    /** Nothing is heard from a socket for so long: longer than the longest wait for an answer. */
    connectionTimeout: 60_000,
    http: {
      headersTimeout: requestTimeoutMs,
      maxHeaderSize: MAX_HEADER_BYTES,
      /** How late a time-out may be noticed. */
      connectionsCheckingInterval: 1_000,
      // Node's own refusal has no body; see `admit-requests.ts`.
      requireHostHeader: false,
    },
  } as const;
}
