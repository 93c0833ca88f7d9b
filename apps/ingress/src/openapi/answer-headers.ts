import { PHONE_REGIONS } from '@live-feed/core/caller-id/phone-region';
import { OUTCOME_SOURCES } from '@live-feed/core/lead/lead-outcome';
import type { OpenAPIV3_1 } from 'openapi-types';

/** The headers of the API's answers, as its document shows them. */

type Header = OpenAPIV3_1.HeaderObject;

const text = (description: string, more: Partial<Header> = {}): Header => ({
  description,
  schema: { type: 'string' },
  ...more,
});

const HEADERS = {
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
  'www-authenticate': text('RFC 6750, section 3.', { required: true }),
  allow: text('The methods of the path.', { required: true }),
  'retry-after': text('Whole seconds, at most 30; `retryAfterSeconds` in the body is how long it will be.', {
    required: true,
    schema: { type: 'string', pattern: '^[1-9][0-9]*$' },
  }),
} satisfies Record<string, Header>;

type HeaderName = keyof typeof HEADERS;

type ByStatus = Readonly<Record<string, readonly HeaderName[]>>;

/** In addition to `x-request-id`, which every answer has. */
const BY_STATUS: ByStatus = {
  401: ['www-authenticate'],
  403: ['www-authenticate'],
  405: ['allow'],
  429: ['retry-after'],
};

const OUTCOME: readonly HeaderName[] = ['x-lead-id', 'x-outcome-source', 'x-upload-size'];
/** For callers that send `Prefer` or `Idempotency-Key`. */
const OPTIONAL: readonly HeaderName[] = ['preference-applied', 'idempotent-replayed'];

/** In addition to those, by operation. */
const BY_OPERATION: Readonly<Record<string, ByStatus>> = {
  submitLead: {
    200: [...OUTCOME, ...OPTIONAL],
    202: ['x-lead-id', 'location', ...OPTIONAL],
    400: ['x-lead-id', 'preference-applied'],
    500: ['x-lead-id', 'preference-applied'],
    502: [...OUTCOME, ...OPTIONAL],
    503: ['x-lead-id', 'preference-applied'],
    504: ['x-lead-id', 'preference-applied'],
  },
  submitLeads: { 200: ['preference-applied'], 400: ['preference-applied'] },
  getLead: { 200: ['x-lead-id'], 500: ['x-lead-id'] },
  giveBackLead: {
    200: ['x-lead-id'],
    409: ['x-lead-id'],
    500: ['x-lead-id'],
    502: ['x-lead-id'],
    504: ['x-lead-id'],
  },
};

export const headerComponents: Readonly<Record<string, Header>> = HEADERS;

/** References to the headers of an answer with that status. */
export function headersOf(
  operationId: string | undefined,
  status: string,
): Record<string, OpenAPIV3_1.ReferenceObject> {
  const own = BY_OPERATION[operationId ?? ''] ?? {};
  const region: readonly HeaderName[] = operationId === 'submitLead' ? ['x-phone-region'] : [];
  const names: readonly HeaderName[] = [
    'x-request-id',
    ...(BY_STATUS[status] ?? []),
    ...(own[status] ?? []),
    ...region,
  ];
  return Object.fromEntries(names.map((name) => [name, { $ref: `#/components/headers/${name}` }]));
}
