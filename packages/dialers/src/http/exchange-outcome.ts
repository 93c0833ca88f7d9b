/** What an exchange means, whatever the wire format. */
import type { CallLimits, UploadResult } from '../lead-loader.ts';
import type { BrokenExchange } from './exchange.ts';

/** *Never sent* only where not one byte can have left. */
export function classifyBreak(broken: BrokenExchange, limits: CallLimits): UploadResult {
  const reason = describeBreak(broken, limits);
  if (broken.phase !== 'written') return { kind: 'never_sent', reason };
  const { httpStatus } = broken;
  const unreadable = httpStatus !== undefined && httpStatus < 300;
  return {
    kind: 'unknown',
    reason,
    unreadable,
    ...(httpStatus !== undefined && { httpStatus }),
    json: null,
  };
}

export function isSuccess(httpStatus: number): boolean {
  return httpStatus >= 200 && httpStatus < 300;
}

export function isRedirect(httpStatus: number): boolean {
  return httpStatus >= 300 && httpStatus < 400;
}

/** Why an answer that is neither a success nor a refusal settles nothing. */
export function describeStatus(httpStatus: number): string {
  if (isSuccess(httpStatus)) return `HTTP ${httpStatus} with an unreadable body`;
  if (isRedirect(httpStatus)) return `HTTP ${httpStatus}, a redirect, not followed`;
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
    case 'answer_too_deep':
      return 'answer nested too deep';
    case 'answer_encoding':
      return 'answer in an encoding that cannot be read';
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
