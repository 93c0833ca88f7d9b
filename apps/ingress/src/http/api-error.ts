/** Everything the API can say no with. Codes are stable: callers may rely on them. */
export const API_ERRORS = {
  API_KEY_MISSING: { status: 401, retryable: false, meaning: 'No API key was sent.' },
  API_KEY_INVALID: { status: 401, retryable: false, meaning: 'There is no such API key.' },
  API_KEY_INACTIVE: { status: 401, retryable: false, meaning: 'The API key is revoked or has expired.' },
  API_KEY_WRONG_TYPE: { status: 403, retryable: false, meaning: 'The API key is not a universal one.' },

  MALFORMED_REQUEST: { status: 400, retryable: false, meaning: 'The request is not well-formed HTTP/1.1.' },
  MALFORMED_JSON: { status: 400, retryable: false, meaning: 'The body is not JSON in UTF-8.' },
  VALIDATION_FAILED: { status: 400, retryable: false, meaning: 'A field is missing or wrong; see `issues`.' },
  PHONE_INVALID: { status: 400, retryable: false, meaning: '`leadPhone` is not a 10-digit US number.' },
  NO_DIALER: { status: 400, retryable: false, meaning: 'The company has no dialer configured.' },
  DIALER_FAMILY_UNSUPPORTED: {
    status: 400,
    retryable: false,
    meaning: "The company's dialer is of a family that is not served.",
  },
  DIALER_TOKEN_MISSING: {
    status: 400,
    retryable: false,
    meaning: "The company's dialer configuration lacks its API token.",
  },
  NO_ANI_AVAILABLE: {
    status: 400,
    retryable: true,
    meaning: 'No caller ID is left for the lead, and the company sends none without; it was not sent.',
  },
  CAMPAIGN_NOT_FOUND: {
    status: 404,
    retryable: false,
    meaning: 'The company has no campaign with this `campaignId`.',
  },
  LEAD_NOT_FOUND: {
    status: 404,
    retryable: false,
    meaning: 'The company has no such lead, or the lead is still only in the queue.',
  },

  NOT_FOUND: { status: 404, retryable: false, meaning: 'There is nothing at this path.' },
  METHOD_NOT_ALLOWED: { status: 405, retryable: false, meaning: 'The path has other methods; see `Allow`.' },
  REQUEST_TIMEOUT: { status: 408, retryable: true, meaning: 'The request did not arrive in time.' },
  BODY_TOO_LARGE: { status: 413, retryable: false, meaning: 'The body has more than 64 KiB.' },
  UNSUPPORTED_MEDIA_TYPE: { status: 415, retryable: false, meaning: 'The body is not `application/json`.' },
  HEADERS_TOO_LARGE: { status: 431, retryable: false, meaning: 'The headers have more than 16 KiB.' },

  NOT_GIVEN_BACK: {
    status: 409,
    retryable: false,
    meaning: 'The lead was not given back: it has been sent, is being sent, or has ended.',
  },

  IDEMPOTENCY_KEY_REUSED: {
    status: 422,
    retryable: false,
    meaning: 'The `Idempotency-Key` came with another request before.',
  },

  OVERLOADED: {
    status: 429,
    retryable: true,
    meaning:
      'Too many leads are waiting here, this server has too much to do, or it is about to stop. Nothing was taken.',
  },
  TOO_MANY_LISTS: {
    status: 429,
    retryable: true,
    meaning: 'The company reads more lists of leads at once than it may.',
  },
  DIALER_BACKLOG: {
    status: 429,
    retryable: true,
    meaning: 'More leads wait for the dialer than it can take in time. Nothing was taken.',
  },
  DIALER_PAUSED: {
    status: 429,
    retryable: true,
    meaning:
      'The dialer is paused, or may not be called for longer than a caller would wait. Nothing was taken.',
  },

  DIALER_REJECTED: {
    status: 502,
    retryable: false,
    meaning: 'The dialer rejected the lead and would do so again; see `dialerResponse`.',
  },
  DIALER_CAMPAIGN_UNKNOWN: { status: 502, retryable: false, meaning: 'The dialer has no such campaign.' },
  DIALER_TOKEN_REFUSED: {
    status: 502,
    retryable: true,
    meaning: "The dialer refused the company's API token; it did not take the lead.",
  },
  DIALER_UNREACHABLE: {
    status: 502,
    retryable: true,
    meaning: 'No connection to the dialer; it did not take the lead.',
  },
  DIALER_FAILED: {
    status: 502,
    retryable: true,
    meaning: 'The dialer kept failing and is known not to have taken the lead.',
  },
  DIALER_THROTTLED: {
    status: 502,
    retryable: true,
    meaning: 'The dialer kept asking to slow down; it did not take the lead.',
  },
  DEADLINE_PASSED: {
    status: 502,
    retryable: true,
    meaning: 'The lead could not be delivered in time; the dialer did not take it.',
  },
  LEAD_UNUSABLE: {
    status: 502,
    retryable: true,
    meaning: 'We could not read the lead any more; it was not sent.',
  },
  LEAD_EXPIRED: {
    status: 502,
    retryable: true,
    meaning: 'The lead could not be delivered within its maximum age; the dialer did not take it.',
  },

  QUEUE_UNAVAILABLE: { status: 503, retryable: true, meaning: 'The queue is away. Nothing was taken.' },
  DATABASE_UNAVAILABLE: { status: 503, retryable: true, meaning: 'The database is away. Nothing was taken.' },
  GIVEN_BACK: { status: 503, retryable: true, meaning: 'The lead was given back unsent.' },
  OUTCOME_PENDING: {
    status: 504,
    retryable: false,
    meaning: 'Neither taken nor refused yet. The lead is kept; it must not be submitted as a new one.',
  },
  OUTCOME_UNKNOWN: {
    status: 504,
    retryable: false,
    meaning:
      'It is not known yet whether the lead was taken: the database could not be asked. It must not be submitted as a new one before that is known.',
  },
  INTERNAL: { status: 500, retryable: false, meaning: 'A fault of ours.' },
} as const satisfies Record<
  string,
  { readonly status: number; readonly retryable: boolean; readonly meaning: string }
>;

export type ApiErrorCode = keyof typeof API_ERRORS;

export interface Issue {
  /** Where in the body, e.g. `lead.leadPhone`. */
  readonly path: string;
  readonly message: string;
}

export interface ApiErrorDetails {
  readonly issues?: readonly Issue[];
  readonly leadId?: string;
  readonly statusUrl?: string;
  /** JSON text of the dialing system's answer, passed on unchanged. */
  readonly dialerResponse?: string;
  /** When to come back, as far as is known; null where nobody knows. */
  readonly retryAfterSeconds?: number | null;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Clients sleep through `Retry-After` within one call, whose caller waits: a longer time is told in the body only. */
export const MOST_RETRY_AFTER_S = 30;

/** An answer other than success. The message tells the caller what to do. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly code: ApiErrorCode;
  readonly details: ApiErrorDetails;

  constructor(code: ApiErrorCode, message: string, details: ApiErrorDetails = {}, cause?: unknown) {
    super(message, { cause });
    this.code = code;
    this.details = details;
  }

  get status(): number {
    return API_ERRORS[this.code].status;
  }

  get headers(): Readonly<Record<string, string>> {
    const { headers, retryAfterSeconds } = this.details;
    if (retryAfterSeconds === undefined) return headers ?? {};
    const seconds = Math.min(retryAfterSeconds ?? MOST_RETRY_AFTER_S, MOST_RETRY_AFTER_S);
    return { ...headers, 'retry-after': String(seconds) };
  }

  /** The JSON text of the body (live-feed API, section 8). */
  bodyFor(requestId: string): string {
    const { dialerResponse, headers: _headers, ...details } = this.details;
    const body = {
      success: false,
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
