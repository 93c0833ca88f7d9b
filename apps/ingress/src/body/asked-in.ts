import { isFields } from './map-fields.ts';

/** What a request for a lead names, of any type: it may not be valid. */
export interface Asked {
  readonly campaignId: unknown;
  readonly leadPhone: unknown;
}

/** @param body anything, with the API's names of fields */
export function askedIn(body: unknown): Asked {
  if (!isFields(body)) return { campaignId: undefined, leadPhone: undefined };
  const { campaignId, lead } = body;
  return { campaignId, leadPhone: isFields(lead) ? lead['leadPhone'] : undefined };
}
