import { SealError } from '@live-feed/core/crypto/sealing';
import { LEAD_FIELDS, leadTexts } from '@live-feed/core/lead/lead-fields';
import { SEALED } from '@live-feed/core/lead/lead-job';
import { type LeadPayload, leadPayloadSchema } from '@live-feed/core/lead/lead-request';
import type { EndedLead } from '@live-feed/database/leads/resent-leads';
import { z } from 'zod';
import { personal, secret } from '../../inputs/masked-input.ts';
import { phone } from '../../inputs/written.ts';
import type { Resources } from '../../resources.ts';

/** The end of a short name would be all of it. */
const text = (name: (typeof LEAD_FIELDS)[number]) => secret(leadTexts[name]);

/** What may be put right in a lead that is sent again; what is left out stays. An empty text takes a field out. */
export const correctionInput = {
  phone: personal(phone()).optional().describe("in any form that a lead's phone may have"),
  fields: z
    .object(Object.fromEntries(LEAD_FIELDS.map((name) => [name, text(name)])))
    .strict()
    .optional()
    .describe("of the lead, by the API's names; an empty text takes one out"),
};

export interface Correction {
  readonly phone?: string | undefined;
  readonly fields?: Readonly<Record<string, string | null | undefined>> | undefined;
}

/** @returns undefined if the lead cannot be decrypted any more */
export function correctedPayload(
  { keyring }: Pick<Resources, 'keyring'>,
  companyId: string,
  { payload }: EndedLead,
  { phone, fields = {} }: Correction,
): LeadPayload | undefined {
  const former = readPayload(keyring, companyId, payload);
  if (former === undefined) return undefined;
  const given = Object.entries(fields).filter(([, value]) => value !== undefined && value !== null);
  const corrected = Object.fromEntries(given) as LeadPayload['fields'];
  const kept = Object.entries({ ...former.fields, ...corrected }).filter(([, value]) => value !== '');
  return { ...former, phone: phone ?? former.phone, fields: Object.fromEntries(kept) };
}

function readPayload(
  keyring: Resources['keyring'],
  companyId: string,
  sealed: string,
): LeadPayload | undefined {
  try {
    const plain = keyring.unseal(sealed, { companyId, column: SEALED.payload });
    return leadPayloadSchema.parse(JSON.parse(plain));
  } catch (error) {
    if (error instanceof SealError) return undefined;
    throw error;
  }
}
