import { PHONE_REGIONS } from '@live-feed/core/caller-id/phone-region';
import { OUTCOME_SOURCES } from '@live-feed/core/lead/lead-outcome';
import type { OpenAPIV3_1 } from 'openapi-types';

/** The headers of requests and answers, as the API's document shows them. */

type Header = OpenAPIV3_1.HeaderObject;
type Reference = OpenAPIV3_1.ReferenceObject;

const text = (description: string, more: Partial<Header> = {}): Header => ({
  description,
  schema: { type: 'string' },
  ...more,
});

export const ANSWER_HEADERS = {
  'x-request-id': text('The `x-request-id` of the request if it is valid, else a new id.', {
    required: true,
  }),
  'x-lead-id': text('The id of the lead, also its `externId` in the dialer.', {
    schema: { type: 'string', format: 'uuid' },
  }),
  'x-outcome-source': text(
    'How the outcome is known. `answer`: from the dialer’s response to the upload; `read-back`: the lead was looked up in the dialer, because that response was lost; `person`: a person looked.',
    { schema: { type: 'string', enum: [...OUTCOME_SOURCES] } },
  ),
  'x-upload-size': text('How many leads the upload to the dialer had.', {
    schema: { type: 'string', pattern: '^[1-9][0-9]*$' },
  }),
  location: text('The path of the lead’s status.', { required: true }),
  'x-phone-region': text('What the area code of `leadPhone` stands for, if that is not the United States.', {
    schema: { type: 'string', enum: PHONE_REGIONS.filter((region) => region !== 'us') },
  }),
  'preference-applied': text('Which preferences of the request’s `Prefer` were applied (RFC 7240).'),
  'idempotent-replayed': text('The same `Idempotency-Key` got this response before.', {
    schema: { type: 'string', enum: ['true'] },
  }),
  'duplicate-of': text('The id of the earlier lead, where this one is a duplicate.', {
    schema: { type: 'string', format: 'uuid' },
  }),
  'www-authenticate': text('RFC 6750, section 3.', { required: true }),
  allow: text('The methods of the path, with 405.'),
  'retry-after': text('Whole seconds, at most 30; `retryAfterSeconds` in the body is how long it will be.', {
    schema: { type: 'string', pattern: '^[1-9][0-9]*$' },
  }),
} satisfies Record<string, Header>;

export type AnswerHeader = keyof typeof ANSWER_HEADERS;

/** In addition to `x-request-id`, which every answer has. */
const BY_STATUS: Readonly<Record<string, readonly AnswerHeader[]>> = {
  401: ['www-authenticate'],
  403: ['www-authenticate'],
  429: ['retry-after'],
  default: ['allow', 'retry-after', 'x-lead-id', 'x-phone-region', 'preference-applied'],
};

/** References to the headers of an answer with that status. */
export function headersOf(status: string, more: readonly AnswerHeader[] = []): Record<string, Reference> {
  const names = new Set<AnswerHeader>(['x-request-id', ...(BY_STATUS[status] ?? []), ...more]);
  return Object.fromEntries([...names].map((name) => [name, { $ref: `#/components/headers/${name}` }]));
}

export const REQUEST_HEADERS = {
  requestId: {
    name: 'x-request-id',
    in: 'header',
    description:
      'Your id of the request: 1 to 128 letters, digits and `._~:@/+=-`. Anything else is ignored.',
    schema: { type: 'string' },
  },
  prefer: {
    name: 'prefer',
    in: 'header',
    description:
      'RFC 7240. `respond-async`: 202 as soon as the lead is kept. `wait=<seconds>`: 202 if its outcome is not known by then. ' +
      'Both may be sent: `respond-async, wait=5`. The wait is never longer than without them. `handling=dry-run`: nothing is changed.',
    schema: { type: 'string' },
  },
  preferDryRun: {
    name: 'prefer',
    in: 'header',
    description: 'RFC 7240. `handling=dry-run`: nothing is changed, and the response says what would happen.',
    schema: { type: 'string' },
  },
  idempotencyKey: {
    name: 'idempotency-key',
    in: 'header',
    description:
      'Up to 255 characters, quoted or not, new for each lead. For 24 hours the same request under it gets the same response.',
    schema: { type: 'string' },
  },
} satisfies Record<string, OpenAPIV3_1.ParameterObject>;

export type RequestHeader = keyof typeof REQUEST_HEADERS;

/** References to the headers of a request; every request can have the first. */
export function requestHeaders(more: readonly RequestHeader[] = []): Reference[] {
  return (['requestId', ...more] as const).map((name) => ({ $ref: `#/components/parameters/${name}` }));
}
