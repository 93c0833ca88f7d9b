import { documentedExample } from '@live-feed/tools/demo/documented-example';

/** Leads like the API documentation's example, as JSON, each with a phone of its own: for a campaign, the next one. */
export function leadBodies(firstPhone: number): (campaignId: string) => string {
  const mark = 'PHONE';
  const { lead } = documentedExample('');
  const [before, after] = JSON.stringify({ ...lead, leadPhone: mark }).split(mark);
  let phone = firstPhone;
  return (campaignId) => `{"campaignId":${JSON.stringify(campaignId)},"lead":${before}${phone++}${after}}`;
}
