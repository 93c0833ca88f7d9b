import { REASONS } from '@live-feed/core/lead/lead-outcome';
import { LEAD_STATES } from '@live-feed/core/lead/lead-state';
import type { LeadFilter } from '@live-feed/database/leads/search/lead-search';
import { z } from 'zod';
import { companyInput, momentInput } from '../inputs/inputs.ts';
import { personal } from '../inputs/masked-input.ts';
import { phone, shortText } from '../inputs/written.ts';
import type { Resources } from '../resources.ts';

/** What leads can be looked for by; each that is left out is any. */
export const leadFilter = {
  phone: personal(phone())
    .optional()
    .describe("in any form that a lead's phone may have; in any company unless one is named"),
  campaign: shortText().optional().describe("the dialing system's id"),
  source: shortText().optional().describe('label of the key that they came with'),
  states: z.array(z.enum(LEAD_STATES)).min(1).max(LEAD_STATES.length).optional(),
  callerId: personal(phone()).optional().describe('number that they were called from'),
  reason: z.enum(REASONS).optional().describe('why they are where they are'),
  since: momentInput().optional().describe('received then or later'),
  until: momentInput().optional().describe('received before'),
};

/** Of one company. */
export const companyFilter = { company: companyInput, ...leadFilter };

type Given = z.output<z.ZodObject<typeof leadFilter>>;

/** @param companyId undefined: all companies; then there is no phone */
export function readFilter(
  { digests }: Pick<Resources, 'digests'>,
  { phone, campaign, source, states, callerId, reason, since, until }: Given,
  companyId: string | undefined,
): LeadFilter {
  return {
    companyId,
    phoneDigest: phone === undefined || companyId === undefined ? undefined : digests.phone(companyId, phone),
    campaignId: campaign,
    source,
    states,
    callerId,
    reason,
    fromMs: since?.getTime(),
    toMs: until?.getTime(),
  };
}
