import type { Clock } from '@live-feed/core/clock';
import { checkApiKey } from '@live-feed/core/crypto/api-key';
import type { KeyedDigests } from '@live-feed/core/crypto/keyed-digests';
import type { KeyRecord } from '@live-feed/database/directory/lookups';
import { ApiError } from '../http/api-error.ts';
import type { Directory } from './directory.ts';

/** RFC 6750, section 2.1; the scheme's name is case-insensitive (RFC 9110). */
const BEARER = /^bearer +(.+)$/i;

/** RFC 6750, section 3: no error code where no key was sent. */
const CHALLENGE = { 'www-authenticate': 'Bearer' };
const INVALID = { 'www-authenticate': 'Bearer error="invalid_token"' };
const INSUFFICIENT = { 'www-authenticate': 'Bearer error="insufficient_scope"' };

/**
 * @param authorization the request's `Authorization` header
 * @throws ApiError 401 for a missing, invalid or inactive key, 403 for a valid one of another type
 */
export async function authenticate(
  directory: Directory,
  clock: Clock,
  digests: KeyedDigests,
  authorization: string | undefined,
): Promise<KeyRecord> {
  const text = BEARER.exec(authorization ?? '')?.[1]?.trimEnd();
  // Credentials of another scheme are no key either.
  if (text === undefined) {
    throw new ApiError(
      'API_KEY_MISSING',
      'Send your API key in the header "Authorization: Bearer <API key>".',
      { headers: CHALLENGE },
    );
  }
  // A mistyped key of ours is found out by its checksum, before any query.
  if (checkApiKey(text) === 'malformed') throw invalid();
  const key = await directory.keyByDigest(...digests.apiKey(text));
  if (key === null) throw invalid();
  if (!key.active || (key.expiresAt !== null && key.expiresAt.getTime() <= clock.now())) {
    throw new ApiError('API_KEY_INACTIVE', 'This API key is revoked or has expired. Use an active one.', {
      headers: INVALID,
    });
  }
  if (key.type !== 'universal') {
    throw new ApiError(
      'API_KEY_WRONG_TYPE',
      'This API key is not a universal one. Use a key of type "universal" for the live feed.',
      { headers: INSUFFICIENT },
    );
  }
  return key;
}

/** Of a request on a route that asks for a key. */
export function keyOf({ apiKey }: { readonly apiKey: KeyRecord | null }): KeyRecord {
  if (apiKey === null) throw new Error('This route does not ask for a key.');
  return apiKey;
}

function invalid(): ApiError {
  return new ApiError(
    'API_KEY_INVALID',
    'This API key is not valid. Check that it was copied completely, as "Authorization: Bearer <API key>".',
    { headers: INVALID },
  );
}
