import type { Clock } from '@live-feed/core/clock';
import { checkApiKey } from '@live-feed/core/crypto/api-key';
import type { KeyedDigests } from '@live-feed/core/crypto/keyed-digests';
import type { LeadScope } from '@live-feed/core/lead/lead-record';
import type { KeyRecord } from '@live-feed/database/directory/lookups';
import { ApiError } from '../answers/api-error.ts';
import type { Directory } from './directory.ts';

/** RFC 6750, section 2.1; the scheme's name is case-insensitive (RFC 9110). */
const BEARER = /^bearer +(.+)$/i;

/** RFC 6750, section 3: no error code where no key was sent. */
const CHALLENGE = { 'www-authenticate': 'Bearer' };
const INVALID = { 'www-authenticate': 'Bearer error="invalid_token"' };
export const INSUFFICIENT = { 'www-authenticate': 'Bearer error="insufficient_scope"' };

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
  // Credentials of another scheme count as no key.
  if (text === undefined) {
    throw new ApiError('API_KEY_MISSING', { headers: CHALLENGE });
  }
  // The checksum finds a mistyped key before any query.
  if (checkApiKey(text) === 'malformed') throw invalid();
  const key = await directory.keyByDigest(...digests.apiKey(text));
  if (key === null) throw invalid();
  if (!key.active || (key.expiresAt !== null && key.expiresAt.getTime() <= clock.now())) {
    throw new ApiError('API_KEY_INACTIVE', { headers: INVALID });
  }
  if (key.type !== 'universal' && !isForTests(key)) {
    throw new ApiError('API_KEY_WRONG_TYPE', { headers: INSUFFICIENT });
  }
  return key;
}

/** Whether every request with this key is a dry run. */
export function isForTests({ type }: KeyRecord): boolean {
  return type === 'test';
}

/** The key of a request on a route that requires one. */
export function keyOf({ apiKey }: { readonly apiKey: KeyRecord | null }): KeyRecord {
  if (apiKey === null) throw new Error('This route does not require a key.');
  return apiKey;
}

/** The leads that a key reaches. */
export function scopeOf({ companyId, settings: { campaigns } }: KeyRecord): LeadScope {
  return { companyId, campaigns };
}

function invalid(): ApiError {
  return new ApiError('API_KEY_INVALID', { headers: INVALID });
}
