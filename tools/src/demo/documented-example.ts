/** The example of the API's documentation, with a campaign that exists here. */
export function documentedExample(campaignId: string) {
  return {
    campaignId,
    lead: {
      leadPhone: '5551234567',
      firstName: 'Jane',
      lastName: 'Doe',
      email: 'jane@example.com',
      zip: '33101',
      city: 'Miami',
      state: 'FL',
      auxData1: 'source=campaign-x',
    },
    options: { dialPriority: 'IMMEDIATE', duplicateHandling: 'REMOVE_FROM_LIST' },
  };
}
