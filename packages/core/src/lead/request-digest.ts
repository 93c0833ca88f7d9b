import { createHash } from 'node:crypto';
import { OPTION_FIELDS } from './lead-fields.ts';
import { fieldsOf, type LeadRequest, present } from './lead-request.ts';

/**
 * Equal for requests that ask for the same. How the phone was written, the order of members, unknown ones, and whether an empty one
 * was left out make no difference; what the dialer's configuration adds is not part of it. Readable: kept only as a keyed digest.
 *
 * @param phoneDigest stands for the normalised phone
 */
export function requestParts(companyId: string, request: LeadRequest, phoneDigest: string): string {
  const { campaignId, options } = request;
  const given = present<string, unknown>(OPTION_FIELDS, options ?? {});
  return JSON.stringify([companyId, campaignId, phoneDigest, fieldsOf(request), given]);
}

/**
 * What a release before this one kept of a request, and of an `Idempotency-Key`: their SHA-256. Only compared with what it left
 * behind, never stored. To be removed with the release after this one.
 */
export function formerDigest(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
