import type { OpenAPIV3_1 } from 'openapi-types';
import { API_ERRORS, type ApiErrorCode, errorsTo } from '../answers/api-error.ts';
import type { RequestKind } from '../answers/api-error-entry.ts';
import { exampleOf } from '../answers/error-examples.ts';
import { headersOf } from './headers.ts';
import type { Operation } from './operation.ts';

type Response = OpenAPIV3_1.ResponseObject;
type ErrorStatus = (typeof API_ERRORS)[ApiErrorCode]['status'];

const DESCRIPTIONS: Readonly<Record<ErrorStatus, string>> = {
  400: 'The request or the company’s configuration is not right, or no caller ID is left.',
  401: 'Missing, invalid or inactive API key.',
  403: 'The API key is not universal, or may not do this.',
  404: 'The company has no such campaign or lead.',
  405: 'The path has other methods.',
  408: 'The request did not arrive in time.',
  409: 'The lead is a duplicate; or it cannot be given back, or not be cancelled in the dialer.',
  413: 'The body is too large.',
  415: 'The body is not application/json.',
  422: 'The phone must not be called, or the Idempotency-Key is that of another request.',
  429: 'Nothing was taken; come back after Retry-After seconds. See `retryAfterSeconds` for longer times.',
  431: 'The headers are too large.',
  500: 'A fault of ours.',
  502: 'The dialer does not have the lead: it rejected it, failed, or could not be reached.',
  503: 'The queue, the database or the company’s own check of phones is away; nothing was taken, or it was given back unsent.',
  504: 'The outcome is not known yet. Do not submit the lead as a new one.',
};

/** Errors that any request can get, whatever its path: documented once. */
export const ANY_ERROR = 'AnyError';

export const anyError: Response = response(
  'Any other error. It is about the request as HTTP or a fault of ours, and has the same shape.',
  'default',
  errorsTo(['any']),
);

/** One example for each code, which says what it means. */
export const errorExamples: Record<string, OpenAPIV3_1.ExampleObject> = Object.fromEntries(
  (Object.keys(API_ERRORS) as ApiErrorCode[]).map((code) => [
    code,
    { summary: `${code}: ${API_ERRORS[code].meaning}`, value: exampleOf(code) },
  ]),
);

/** The errors of an operation, by status, each with the codes that it can have. Statuses that any request can get are left out. */
export function errorResponses({ errors, answers }: Operation): Record<string, Response> {
  const kinds: readonly RequestKind[] = ['any', ...errors];
  const own = new Set(errorsTo(errors).map((code) => API_ERRORS[code].status));
  const responses: Record<string, Response> = {};
  for (const status of [...own].sort()) {
    const codes = errorsTo(kinds).filter((code) => API_ERRORS[code].status === status);
    responses[status] = response(DESCRIPTIONS[status], String(status), codes, answers[status]?.headers);
  }
  return responses;
}

function response(
  description: string,
  status: string,
  codes: readonly ApiErrorCode[],
  headers?: Parameters<typeof headersOf>[1],
): Response {
  const examples = codes.map((code) => [code, { $ref: `#/components/examples/${code}` }]);
  return {
    description,
    headers: headersOf(status, headers),
    content: {
      'application/json': {
        schema: { $ref: '#/components/schemas/Error' },
        examples: Object.fromEntries(examples),
      },
    },
  };
}
