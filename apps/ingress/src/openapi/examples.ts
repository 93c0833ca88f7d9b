/** Examples of the API's document. Requests are those of docs/api.md, and work on the stack of `npm start`. */

export const LEAD = {
  campaignId: '123456',
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

/** The same as a form. */
export const LEAD_FORM = { campaignId: LEAD.campaignId, ...LEAD.lead, ...LEAD.options };

export const DIALER_RESPONSE = {
  message: 'Your uploaded lead list has successfully completed processing',
  leadsSupplied: 1,
  leadsAccepted: 1,
  leadsInserted: 1,
  processingResult: 'OK',
  processingStatus: 'DEFAULT_NOT_A_FAILURE',
};
