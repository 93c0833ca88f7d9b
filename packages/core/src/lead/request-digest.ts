import { createHash } from 'node:crypto';
import { LEAD_FIELDS, type LeadRequest, OPTION_FIELDS, present } from './lead-request.ts';

/**
 * Equal for requests that ask for the same. How the phone was written, the order of members, unknown ones, and whether an empty one
 * was left out make no difference; what the dialer's configuration adds is not part of it. Readable: kept only as a keyed digest.
 *
 * @param phoneDigest stands for the normalised phone
 */
export function requestParts(companyId: string, request: LeadRequest, phoneDigest: string): string {
  const { campaignId, lead, options } = request;
  const fields = present(LEAD_FIELDS, lead);
  return JSON.stringify([companyId, campaignId, phoneDigest, fields, present(OPTION_FIELDS, options ?? {})]);
}

/**
 * What a release before this one kept of a request, and of an `Idempotency-Key`: their SHA-256. Only compared with what it left
 * behind, never stored. To be removed with the release after this one.
 */
export function formerDigest(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
