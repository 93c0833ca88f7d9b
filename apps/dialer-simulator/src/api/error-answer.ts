import type { ErrorAnswer } from './wire.ts';

/** An error response of the dialing system: an HTTP status with the documented body. */
export class DialingSystemError extends Error {
  readonly statusCode: number;
  readonly errorCode: string;

  constructor(statusCode: number, errorCode: string, message: string) {
    super(message);
    this.name = 'DialingSystemError';
    this.statusCode = statusCode;
    this.errorCode = errorCode;
  }
}

/** The documented body for an error; Fastify's own errors (wrong JSON, too large) get a code from their status. */
export function errorAnswer(error: Error, status: number, nowMs: number): ErrorAnswer {
  return {
    errorCode: error instanceof DialingSystemError ? error.errorCode : defaultErrorCode(status),
    generalMessage: error.message,
    timestamp: nowMs,
  };
}

/** Of these only `access.denied.exception` is published; the others follow its pattern. */
export function defaultErrorCode(status: number): string {
  switch (status) {
    case 401:
      return 'authentication.exception';
    case 403:
      return 'access.denied.exception';
    case 404:
      return 'not.found.exception';
    case 429:
      return 'request.limit.exception';
    default:
      return status >= 500 ? 'general.exception' : 'invalid.request.exception';
  }
}
