import { createHash } from 'node:crypto';
import { LEAD_FIELDS, type LeadRequest, OPTION_FIELDS, present } from './lead-request.ts';

/**
 * Equal for requests that ask for the same: SHA-256, 64 hex digits. How the phone was written, the order of members, unknown
 * ones, and whether an empty one was left out make no difference; what the dialer's configuration adds is not part of it.
 *
 * @param phoneDigest stands for the normalised phone, which could be guessed from a digest that anybody can compute
 */
export function requestDigest(companyId: string, request: LeadRequest, phoneDigest: string): string {
  const { campaignId, lead, options } = request;
  const fields = present(LEAD_FIELDS, lead);
  return createHash('sha256')
    .update(
      JSON.stringify([companyId, campaignId, phoneDigest, fields, present(OPTION_FIELDS, options ?? {})]),
    )
    .digest('hex');
}
