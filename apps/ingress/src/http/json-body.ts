import type { FastifyInstance, FastifyRequest } from 'fastify';
import { ApiError } from '../answers/api-error.ts';

/** Throws at bytes that are not UTF-8 instead of replacing them: a name must not reach the dialer mangled. */
const UTF8 = new TextDecoder('utf-8', { fatal: true });

/**
 * Only POST has a body. With other methods bodies and their headers are ignored, since many clients send a content type with everything.
 * Node discards such a body, so that the connection can be used again.
 *
 * A body is uncompressed JSON in UTF-8 (RFC 8259, section 8.1). `__proto__` becomes an ordinary member, which the schemas drop like every
 * unknown one.
 */
export function readJsonBodies(app: FastifyInstance): void {
  for (const method of ['DELETE', 'OPTIONS'])
    app.addHttpMethod(method, { hasBody: false, overrideExisting: true });
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, readJson);
}

async function readJson(request: FastifyRequest, bytes: Buffer): Promise<unknown> {
  const text = decodeBody(request, bytes);
  try {
    if (text !== undefined) return JSON.parse(text);
  } catch {
    // Said below.
  }
  throw new ApiError('MALFORMED_JSON');
}

/** @returns undefined if it is not UTF-8 @throws ApiError 415 if it is compressed */
export function decodeBody({ headers }: FastifyRequest, bytes: Buffer): string | undefined {
  const coding = headers['content-encoding'];
  if (coding !== undefined && coding.toLowerCase() !== 'identity') {
    throw new ApiError('UNSUPPORTED_MEDIA_TYPE', { about: 'another' });
  }
  try {
    return UTF8.decode(bytes);
  } catch {
    return undefined;
  }
}
