/** Everything the API can say no with. Codes are stable: callers may rely on them. */
export const API_ERRORS = {
  API_KEY_MISSING: { status: 401, retryable: false },
  API_KEY_INVALID: { status: 401, retryable: false },
  API_KEY_INACTIVE: { status: 401, retryable: false },
  API_KEY_WRONG_TYPE: { status: 403, retryable: false },

  MALFORMED_REQUEST: { status: 400, retryable: false },
  MALFORMED_JSON: { status: 400, retryable: false },
  VALIDATION_FAILED: { status: 400, retryable: false },
  PHONE_INVALID: { status: 400, retryable: false },
  NO_DIALER: { status: 400, retryable: false },
  DIALER_FAMILY_UNSUPPORTED: { status: 400, retryable: false },
  DIALER_TOKEN_MISSING: { status: 400, retryable: false },
  CAMPAIGN_NOT_FOUND: { status: 404, retryable: false },

  NOT_FOUND: { status: 404, retryable: false },
  LEAD_NOT_FOUND: { status: 404, retryable: false },
  METHOD_NOT_ALLOWED: { status: 405, retryable: false },
  REQUEST_TIMEOUT: { status: 408, retryable: true },
  BODY_TOO_LARGE: { status: 413, retryable: false },
  UNSUPPORTED_MEDIA_TYPE: { status: 415, retryable: false },
  HEADERS_TOO_LARGE: { status: 431, retryable: false },
  OVERLOADED: { status: 429, retryable: true },

  /** The dialing system said no; it will say so again. */
  DIALER_REJECTED: { status: 502, retryable: false },
  DIALER_CAMPAIGN_UNKNOWN: { status: 502, retryable: false },
  /** Known not to have been taken. */
  DIALER_TOKEN_REFUSED: { status: 502, retryable: true },
  DIALER_UNREACHABLE: { status: 502, retryable: true },
  DIALER_FAILED: { status: 502, retryable: true },
  DIALER_THROTTLED: { status: 502, retryable: true },
  DEADLINE_PASSED: { status: 502, retryable: true },
  LEAD_UNUSABLE: { status: 502, retryable: true },
  LEAD_EXPIRED: { status: 502, retryable: true },

  QUEUE_UNAVAILABLE: { status: 503, retryable: true },
  DATABASE_UNAVAILABLE: { status: 503, retryable: true },
  GIVEN_BACK: { status: 503, retryable: true },
  STOPPING: { status: 503, retryable: true },
  /** Neither taken nor refused yet; it must not be sent again. */
  OUTCOME_PENDING: { status: 504, retryable: false },
  INTERNAL: { status: 500, retryable: false },
} as const satisfies Record<string, { readonly status: number; readonly retryable: boolean }>;

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
  readonly headers?: Readonly<Record<string, string>>;
}

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
