import type { Socket } from 'node:net';
import { newId } from '@live-feed/core/ids';
import { ApiError } from './api-error.ts';

/** Longest request body, bytes. */
export const BODY_LIMIT = 64 * 1024;

/** Against slow and greedy clients. */
export const httpLimits = {
  bodyLimit: BODY_LIMIT,
  /** For a whole request to arrive, milliseconds. Node answers 408 beyond. */
  requestTimeout: 10_000,
  /** Longer than a load balancer's usual 60 s, so that it is the balancer who closes idle connections. */
  keepAliveTimeout: 65_000,
  /** Nothing is heard from a socket for so long: longer than the longest wait for an answer. */
  connectionTimeout: 60_000,
  maxRequestsPerSocket: 0,
  http: {
    /** For the headers to arrive. */
    headersTimeout: 8_000,
    maxHeaderSize: 16 * 1024,
    connectionsCheckingInterval: 1_000,
  },
} as const;

/** What the HTTP parser refuses never becomes a request; it is answered in the same shape all the same. */
export function answerParserError(error: Error & { code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || socket.destroyed || !socket.writable) {
    socket.destroy();
    return;
  }
  const answer = parserError(error.code);
  const requestId = newId();
  const body = answer.bodyFor(requestId);
  socket.end(
    [
      `HTTP/1.1 ${answer.status} ${REASONS[answer.status] ?? 'Bad Request'}`,
      'content-type: application/json; charset=utf-8',
      `content-length: ${Buffer.byteLength(body)}`,
      `x-request-id: ${requestId}`,
      'connection: close',
      '',
      body,
    ].join('\r\n'),
  );
}

const REASONS: Record<number, string> = {
  400: 'Bad Request',
  408: 'Request Timeout',
  431: 'Request Header Fields Too Large',
};

function parserError(code: string | undefined): ApiError {
  switch (code) {
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return new ApiError('REQUEST_TIMEOUT', 'The request did not arrive in time. Send it again, faster.');
    case 'HPE_HEADER_OVERFLOW':
      return new ApiError('HEADERS_TOO_LARGE', 'The request headers are too large. Send less than 16 KiB.');
    default:
      return new ApiError('MALFORMED_REQUEST', 'This is not a well-formed HTTP/1.1 request.');
  }
}
