/** Leads like the API documentation's example, as JSON, each with a phone of its own: for a campaign, the next one. */
export function leadBodies(firstPhone: number): (campaignId: string) => string {
  const rest = {
    firstName: 'Jane',
    lastName: 'Doe',
    email: 'jane@example.com',
    zip: '33101',
    city: 'Miami',
    state: 'FL',
    auxData1: 'source=campaign-x',
  };
  const mark = 'PHONE';
  const [before, after] = JSON.stringify({ leadPhone: mark, ...rest }).split(mark);
  let phone = firstPhone;
  return (campaignId) => `{"campaignId":${JSON.stringify(campaignId)},"lead":${before}${phone++}${after}}`;
}
