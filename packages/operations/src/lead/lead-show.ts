import { findLeadDetails } from '@live-feed/database/leads/search/lead-details';
import { seesPhones } from '../actor.ts';
import { ofCompanysOwn } from '../operation.ts';
import { answersOf, phoneOf, shownCheck, shownLead } from './shown-lead.ts';
import { companyOfLead, leadInput, theLead } from './the-lead.ts';

export const leadShow = ofCompanysOwn({
  name: 'lead.show',
  summary: 'shows state, outcome and every call to the dialing system; masked unless the role may see phones',
  role: 'viewer',
  route: 'GET /leads/:lead',
  input: leadInput,
  ...companyOfLead,
  async run(context, input, company) {
    const lead = await theLead(context, input, company);
    const details = await findLeadDetails(context.database, lead.id);
    const shown = shownLead(lead, company.name);
    const sees = seesPhones(context.actor);
    const answers = answersOf(context, lead);
    return {
      ...shown,
      phone: (sees ? phoneOf(context, lead) : undefined) ?? shown.phone,
      attempts: lead.attempt,
      phoneCheck: shownCheck(context, lead, sees),
      uploads: lead.uploads,
      /** Why this caller ID: how near it is, and the distance in kilometres, where there is one to tell. */
      callerIdTier: lead.aniTier,
      ...details,
      dialerAnswer: answers.masked,
      /** As it came; null for those who do not see phones. */
      dialerResponse: sees ? answers.whole : null,
    };
  },
});
