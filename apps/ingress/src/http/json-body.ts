import type { FastifyInstance, FastifyRequest } from 'fastify';
import { ApiError } from './api-error.ts';

/** Refuses what is not UTF-8 instead of replacing it: a name must not reach the dialer mangled. */
const UTF8 = new TextDecoder('utf-8', { fatal: true });

/**
 * Only POST has a body. What comes with another method is not looked at, whatever its headers say of it: many clients put a content type on
 * everything. Node reads it away, so that the connection can be used again.
 *
 * Bodies are JSON in UTF-8 (RFC 8259, section 8.1), uncompressed, and nothing else. A `__proto__` in one becomes an ordinary
 * member, which the schemas leave out like every other that they do not know.
 */
export function readJsonBodies(app: FastifyInstance): void {
  for (const method of ['DELETE', 'OPTIONS'])
    app.addHttpMethod(method, { hasBody: false, overrideExisting: true });
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, readJson);
}

async function readJson(request: FastifyRequest, bytes: Buffer): Promise<unknown> {
  const coding = request.headers['content-encoding'];
  if (coding !== undefined && coding.toLowerCase() !== 'identity') {
    throw new ApiError('UNSUPPORTED_MEDIA_TYPE', 'Send the request body without a content-encoding.');
  }
  try {
    return JSON.parse(UTF8.decode(bytes));
  } catch {
    throw new ApiError('MALFORMED_JSON', 'The request body is not JSON in UTF-8. Send one JSON object.');
  }
}
