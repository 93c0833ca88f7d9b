import type { FastifyInstance, FastifyRequest } from 'fastify';
import { keyOf } from '../admission/authenticate.ts';
import { ApiError, invalidRequest } from '../answers/api-error.ts';
import { decodeBody } from '../http/json-body.ts';

/** Fields of a form that are not empty, each with its values: more than one where it was sent more than once. JSON is never such a map. */
export type Form = ReadonlyMap<string, readonly string[]>;

export const MOST_FORM_FIELDS = 500;

/** Takes `application/x-www-form-urlencoded` on the routes of `app`, from companies that have it switched on. */
export function readForms(app: FastifyInstance): void {
  app.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'buffer' }, readForm);
}

async function readForm(request: FastifyRequest, bytes: Buffer): Promise<Form> {
  if (!keyOf(request).intake.forms) throw new ApiError('UNSUPPORTED_MEDIA_TYPE', { about: 'forms are off' });
  const text = decodeBody(request, bytes);
  if (text === undefined) throw malformed();
  return parseForm(text);
}

/**
 * As URL's standard has it, but strict: the parsers of Node and of packages take broken escapes and bytes that are not UTF-8 for text, and a
 * name must not reach the dialer mangled.
 *
 * @throws ApiError 400
 */
export function parseForm(text: string): Form {
  const form = new Map<string, string[]>();
  const pairs = text.split('&', MOST_FORM_FIELDS + 1);
  if (pairs.length > MOST_FORM_FIELDS) {
    throw invalidRequest([{ path: '', message: `send at most ${MOST_FORM_FIELDS} fields` }]);
  }
  for (const pair of pairs) {
    const equals = pair.indexOf('=');
    const [name, value] = equals === -1 ? [pair, ''] : [pair.slice(0, equals), pair.slice(equals + 1)];
    const field = decode(name);
    const sent = decode(value);
    if (sent !== '') form.set(field, [...(form.get(field) ?? []), sent]);
  }
  return form;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    throw malformed();
  }
}

function malformed(): ApiError {
  return new ApiError('MALFORMED_FORM');
}
