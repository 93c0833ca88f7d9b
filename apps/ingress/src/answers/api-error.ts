import { statusPath } from '@live-feed/core/status/status-path';
import type { ApiErrorEntry, Issue, RequestKind } from './api-error-entry.ts';
import { OUTCOME_ERRORS } from './outcome-errors.ts';
import { REFUSALS } from './refusals.ts';
import { REQUEST_ERRORS } from './request-errors.ts';

/** Every error of the API, with its status and its words. Codes are stable: callers may rely on them. */
export const API_ERRORS = { ...REQUEST_ERRORS, ...REFUSALS, ...OUTCOME_ERRORS };

export type ApiErrorCode = keyof typeof API_ERRORS;

/** The codes that requests of these kinds can get. */
export function errorsTo(kinds: readonly RequestKind[]): ApiErrorCode[] {
  const entries = Object.entries(API_ERRORS) as [ApiErrorCode, ApiErrorEntry][];
  return entries.filter(([, { to }]) => to.some((kind) => kinds.includes(kind))).map(([code]) => code);
}

export interface ApiErrorDetails {
  readonly issues?: readonly Issue[];
  readonly leadId?: string;
  /** JSON text of the dialing system's answer, passed on unchanged. */
  readonly dialerResponse?: string;
  /** When to come back, whole seconds, for codes whose `retryAfterS` is `forecast`; null if it is not known. */
  readonly retryAfterSeconds?: number | null;
  /** Why a company's check refused a phone; null if it gave no reason. */
  readonly reason?: string | null;
  /** The earlier lead of a duplicate, for the body. */
  readonly duplicateOf?: unknown;
  /** What the dialing system says of the lead. */
  readonly inDialer?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** What the message of a code depends on; `never` where it is always the same. */
type About<Code extends ApiErrorCode> = (typeof API_ERRORS)[Code]['message'] extends (
  about: infer Case,
  ...more: never[]
) => string
  ? Case
  : never;

type Particulars<Code extends ApiErrorCode> = [About<Code>] extends [never]
  ? [details?: ApiErrorDetails, cause?: unknown]
  : [details: ApiErrorDetails & { readonly about: About<Code> }, cause?: unknown];

/** What an answer with that code is about, for examples. */
export type Sample<Code extends ApiErrorCode> = NonNullable<Particulars<Code>[0]>;

/** Clients sleep through `Retry-After` within one call, whose caller waits: only the body names a longer time. */
const MOST_RETRY_AFTER_S = 30;

/** An answer other than success, in the words of `API_ERRORS`. */
export class ApiError<Code extends ApiErrorCode = ApiErrorCode> extends Error {
  override readonly name = 'ApiError';
  readonly code: Code;
  readonly details: ApiErrorDetails;

  constructor(code: Code, ...[details = {}, cause]: Particulars<Code>) {
    const { about, ...rest } = details as ApiErrorDetails & { readonly about?: unknown };
    const { message, retryAfterS, showsStatus }: ApiErrorEntry = API_ERRORS[code];
    const retryAfterSeconds = retryAfterS === 'forecast' ? (rest.retryAfterSeconds ?? null) : retryAfterS;
    super(typeof message === 'string' ? message : message(about as never, retryAfterSeconds ?? null), {
      cause,
    });
    this.code = code;
    this.details = {
      ...rest,
      ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
      ...(showsStatus && rest.leadId !== undefined ? { statusUrl: statusPath(rest.leadId) } : {}),
    };
  }

  get status(): number {
    return API_ERRORS[this.code].status;
  }

  get headers(): Readonly<Record<string, string>> {
    const { headers, retryAfterSeconds } = this.details;
    const { retryAfterS }: ApiErrorEntry = API_ERRORS[this.code];
    if (retryAfterSeconds === undefined || retryAfterS === undefined) return headers ?? {};
    const seconds = Math.min(retryAfterSeconds ?? MOST_RETRY_AFTER_S, MOST_RETRY_AFTER_S);
    return { ...headers, 'retry-after': String(seconds) };
  }

  /** The JSON text of the body (live-feed API, section 8). */
  bodyFor(requestId: string, isDryRun = false): string {
    const { dialerResponse, headers: _headers, ...details } = this.details;
    const body = {
      success: false,
      ...(isDryRun ? { dryRun: true } : {}),
      message: this.message,
      code: this.code,
      requestId,
      retryable: API_ERRORS[this.code].retryable,
      ...details,
    };
    const text = JSON.stringify(body);
    if (dialerResponse === undefined) return text;
    return `${text.slice(0, -1)},"dialerResponse":${dialerResponse}}`;
  }
}

/** 400. The first issue is in the message, all of them are in the body. */
export function invalidRequest(issues: readonly Issue[]): ApiError {
  return new ApiError('VALIDATION_FAILED', { about: issues, issues });
}

/** 400. @param path where the phone is in the request @param reason a sentence for people */
export function invalidPhone(path: string, reason: string): ApiError {
  return new ApiError('PHONE_INVALID', { about: reason, issues: [{ path, message: reason }] });
}
