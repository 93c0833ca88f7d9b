import { dropUnforwarded, type LeadRequest } from '@live-feed/core/lead/lead-request';
import { BATCH_ROUTE } from '@live-feed/ingress/answers/paths';
import { Ajv2020 } from 'ajv/dist/2020.js';
import type { Answer } from '../http/client.ts';
import type { Operation } from './api-operations.ts';
import type { ApiRequest } from './api-requests.ts';
import type { Caller } from './callers.ts';
import { isForm, isWellFormed } from './form-bodies.ts';
import type { Schema } from './schema-values.ts';

/** A fault of ours, or one of the machine's that goes away: nothing is wrong with the request. */
export const NOT_ITS_FAULT: ReadonlySet<number> = new Set([408, 429, 503]);

/** What is said to a request that has no right key. */
const SHUT_OUT: ReadonlySet<number> = new Set([400, 401, 403, 404, 405]);

const UTF8 = new TextDecoder('utf-8', { fatal: true });

/**
 * What is wrong with an answer, beyond what the document says: the request has to be refused if, and only if, it breaks the document's
 * schema, and nobody is let in without a key.
 */
export function createVerdict(operations: readonly Operation[]) {
  const ajv = new Ajv2020({ strict: false, validateFormats: false });
  const validators = new Map(
    operations.flatMap(({ method, path, body }) =>
      body === undefined ? [] : [[`${method} ${path}`, ajv.compile(ofRequest(path, body))] as const],
    ),
  );

  return (request: ApiRequest, answer: Answer): string | undefined => {
    const { status, body } = answer;
    if (status === 500) return 'a 500';
    if (request.method !== 'HEAD' && status >= 400 && !isError(answer)) return 'an error in another shape';
    const open = /^\/(healthz|readyz)/.test(request.path);
    if (!request.caller.right && !open && !SHUT_OUT.has(status)) return 'let in without a right key';

    const validate = validators.get(`${request.method} ${request.path}`);
    if (validate === undefined || status === 415 || status === 413 || !request.caller.right) return undefined;
    if (isForm(request)) return formFault(request, body?.code);
    const notValid = body?.code === 'VALIDATION_FAILED';
    const refused = notValid && !aboutHeaders(answer);
    const value = readBody(request.body);
    if (value === undefined) return body?.code === 'MALFORMED_JSON' ? undefined : 'a broken body was taken';
    dropUnforwarded(value, request.caller.forward);
    const valid = validate(meant(value)) && !lacksTimezone(value, request.caller);
    if (valid && refused) return 'refused although the document allows it';
    if (!valid && !notValid) return 'taken although the document does not allow it';
    return undefined;
  };
}

/** The schema of a form is that of its fields as JSON, which its texts are not: what they have to be is not told here. */
function formFault({ caller, body }: ApiRequest, code: unknown): string | undefined {
  if (caller.forms !== true) return 'a form was taken although the company takes none';
  if (isWellFormed(body)) return code === 'MALFORMED_FORM' ? 'a form was refused as a broken one' : undefined;
  // Too many fields are found first.
  return code === 'MALFORMED_FORM' || code === 'VALIDATION_FAILED' ? undefined : 'a broken form was taken';
}

/** A lead of a batch that breaks the schema is refused alone. */
function ofRequest(path: string, body: Schema): Schema {
  if (path !== BATCH_ROUTE) return body;
  const { leads } = body.properties ?? {};
  return leads === undefined ? body : { ...body, properties: { leads: { ...leads, items: {} } } };
}

function isError({ status, headers, body }: Answer): boolean {
  // What ops ask has an answer of its own.
  if (status === 503 && body?.status === 'not ready') return true;
  return (
    body?.success === false &&
    typeof body.message === 'string' &&
    typeof body.code === 'string' &&
    typeof body.retryable === 'boolean' &&
    body.requestId === headers.get('x-request-id')
  );
}

function aboutHeaders({ body }: Answer): boolean {
  return body.issues?.every(({ path }: { path: string }) => path === 'Idempotency-Key') ?? false;
}

function readBody(body: Buffer | undefined): unknown {
  try {
    return JSON.parse(UTF8.decode(body));
  } catch {
    return undefined;
  }
}

/** A schema of fields cannot say so: where it is sent on, `EXPLICIT` needs the lead's time zone. */
function lacksTimezone(value: unknown, { forward }: Caller): boolean {
  if (!forward.includes('leadTimezone')) return false;
  const { lead, options } = value as LeadRequest;
  return options?.timeZoneOption === 'EXPLICIT' && !lead.leadTimezone;
}

/** Spaces around a campaign's id do not count, and PHP's empty object is `[]`. */
function meant(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const { campaignId, options, lead } = value as Record<string, unknown>;
  return {
    ...value,
    ...(typeof campaignId === 'string' ? { campaignId: campaignId.trim() } : {}),
    ...(isEmptyList(options) ? { options: {} } : {}),
    ...(isEmptyList((lead as { extendedLeadData?: unknown } | undefined)?.extendedLeadData)
      ? { lead: { ...(lead as object), extendedLeadData: {} } }
      : {}),
  };
}

const isEmptyList = (value: unknown) => Array.isArray(value) && value.length === 0;
