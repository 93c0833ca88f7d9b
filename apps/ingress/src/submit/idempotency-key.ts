import { invalidRequest } from '../answers/api-error.ts';

const LONGEST = 255;

/**
 * @param header the request's `Idempotency-Key`: a quoted string (RFC 9651, section 3.3.3) or the key as it is
 * @throws ApiError 400 if it is empty or longer than 255 characters
 */
export function readIdempotencyKey(header: string | undefined): string | undefined {
  if (header === undefined) return undefined;
  const quoted = /^"(.*)"$/.exec(header)?.[1];
  const key = quoted === undefined ? header : quoted.replace(/\\(["\\])/g, '$1');
  if (key.length >= 1 && key.length <= LONGEST) return key;
  throw invalidRequest([{ path: 'Idempotency-Key', message: `it must have 1 to ${LONGEST} characters` }]);
}
