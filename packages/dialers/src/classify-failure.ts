/**
 * What an exchange tells about an upload's effect. The rule behind every line: *never sent* only where not one byte can
 * have left, *refused* only where the dialing system said so in a whole answer; everything else is *unknown*.
 */
import type { BrokenExchange, Exchange, WholeAnswer } from './exchange.ts';
import type { CallLimits, UploadResult } from './lead-loader.ts';
import { isLoaderAnswer } from './loader-answer.ts';

export function classifyUpload(exchange: Exchange, limits: CallLimits): UploadResult {
  return exchange.kind === 'answer' ? classifyAnswer(exchange) : classifyBreak(exchange, limits);
}

function classifyAnswer(answer: WholeAnswer): UploadResult {
  const { httpStatus, retryAfterMs, body } = answer;
  if (isSuccess(httpStatus) && isLoaderAnswer(body)) return { kind: 'answered', httpStatus, body };
  switch (httpStatus) {
    case 401:
    case 403:
    case 404:
      return { kind: 'not_allowed', httpStatus, body };
    case 429:
      return { kind: 'throttled', httpStatus, ...(retryAfterMs !== undefined && { retryAfterMs }), body };
  }
  // 408 is a 4xx in number only: the server tells of its own time-out (RFC 9110, section 15.5.9).
  const refused = httpStatus >= 400 && httpStatus < 500 && httpStatus !== 408;
  if (refused) return { kind: 'refused', httpStatus, body };
  return { kind: 'unknown', reason: describeStatus(httpStatus), httpStatus, body };
}

function classifyBreak(broken: BrokenExchange, limits: CallLimits): UploadResult {
  const reason = describeBreak(broken, limits);
  if (broken.phase !== 'written') return { kind: 'never_sent', reason, body: null };
  const { httpStatus } = broken;
  return { kind: 'unknown', reason, ...(httpStatus !== undefined && { httpStatus }), body: null };
}

export function isSuccess(httpStatus: number): boolean {
  return httpStatus >= 200 && httpStatus < 300;
}

/** Why an answer that is neither a success nor a refusal settles nothing. */
export function describeStatus(httpStatus: number): string {
  if (isSuccess(httpStatus)) return `HTTP ${httpStatus} with an unreadable body`;
  if (httpStatus >= 300 && httpStatus < 400) return `HTTP ${httpStatus}, a redirect, not followed`;
  return `HTTP ${httpStatus}`;
}

/** Short, for people; made from codes only, since messages of errors can quote what was sent. */
export function describeBreak({ cause, httpStatus }: BrokenExchange, limits: CallLimits): string {
  switch (cause.by) {
    case 'fence':
      return 'too late to send';
    case 'connect_timeout':
      return `no connection within ${limits.connectMs / 1_000} s`;
    case 'upload_timeout':
      return `no answer within ${limits.uploadMs / 1_000} s`;
    case 'answer_too_large':
      return 'answer too large';
    case 'protocol_switch':
      return 'HTTP 101, a switch of protocols, not followed';
    case 'error':
      return httpStatus === undefined ? describeCode(cause.code) : 'answer cut short';
  }
}

function describeCode(code: string): string {
  return DESCRIPTIONS.get(code) ?? `${TLS_CODE.test(code) ? 'TLS failed' : 'failed'} (${code})`;
}

/** Error codes of Node's DNS, sockets and HTTP parser. */
const DESCRIPTIONS: ReadonlyMap<string, string> = new Map([
  ['ENOTFOUND', 'host name not found'],
  ['EAI_AGAIN', 'name resolution failed'],
  ['ECONNREFUSED', 'connection refused'],
  ['ECONNRESET', 'connection reset'],
  ['EPIPE', 'connection closed'],
  ['ETIMEDOUT', 'connection timed out'],
  ['EHOSTUNREACH', 'host unreachable'],
  ['ENETUNREACH', 'network unreachable'],
  ['EMFILE', 'too many connections'],
  ['ECANCELED', 'shut down while connecting'],
  ['ERR_INVALID_CHAR', 'token not usable in a header'],
]);

/** OpenSSL's codes of a certificate that is not trusted, and Node's of a handshake that failed. */
const TLS_CODE = /^(ERR_TLS_|ERR_SSL_|EPROTO$|CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|HOSTNAME_MISMATCH$)/;
