import { companyNames } from '@live-feed/database/directory/companies';
import { findLeadPage } from '@live-feed/database/leads/search/lead-search';
import { z } from 'zod';
import { companyInput, idInput } from '../inputs/inputs.ts';
import { ofReached, onlyCompany } from '../operation.ts';
import { hasCompanyForPhone, leadFilter, phoneNeedsCompany, readFilter } from './lead-filter.ts';
import { shownLead } from './shown-lead.ts';

export const leadList = ofReached({
  name: 'lead.list',
  summary: 'lists leads, newest first; masked',
  role: 'viewer',
  route: 'GET /leads',
  input: z
    .object({
      company: companyInput.optional(),
      ...leadFilter,
      beforeId: idInput('the last lead of the page before').optional(),
      limit: z.int().min(1).max(1_000).default(50),
    })
    .refine(hasCompanyForPhone, phoneNeedsCompany()),
  async run({ database, digests }, { company, beforeId, limit, ...given }, reached) {
    const companyId = await onlyCompany({ database }, company, reached);
    const filter = readFilter({ digests }, given, companyId);
    const { leads, next } = await findLeadPage(database, filter, { olderThan: beforeId, limit });
    const names = await companyNames(database, [...new Set(leads.map((lead) => lead.companyId))]);
    return {
      leads: leads.map((lead) => shownLead(lead, names.get(lead.companyId))),
      /** `beforeId` of the next page; null: there is none. A page can have fewer leads than asked for though there are more. */
      next: next ?? null,
    };
  },
});
