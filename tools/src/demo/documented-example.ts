import { LEAD } from '@live-feed/ingress/openapi/examples';

/** The example of the API's documentation, with a campaign that exists here. */
export function documentedExample(campaignId: string) {
  return { ...LEAD, campaignId };
}
