import { companyNames } from '@live-feed/database/directory/companies';
import { type FoundLead, findLeadPage, type LeadPage } from '@live-feed/database/leads/search/lead-search';
import { z } from 'zod';
import { companyInput, idInput } from '../inputs/inputs.ts';
import { type Context, ofReached, onlyCompany } from '../operation.ts';
import { leadFilter, readFilter } from './lead-filter.ts';
import { phoneInCompanies } from './phone-in-companies.ts';
import { shownLead } from './shown-lead.ts';

export const leadList = ofReached({
  name: 'lead.list',
  summary: 'lists leads, newest first; masked',
  role: 'viewer',
  route: 'GET /leads',
  input: z.object({
    company: companyInput.optional(),
    ...leadFilter,
    beforeId: idInput('the last lead of the page before').optional(),
    limit: z.int().min(1).max(1_000).default(50),
  }),
  async run(context, { company, beforeId, limit, ...given }, reached) {
    const { database } = context;
    const companyId = await onlyCompany({ database }, company, reached);
    const page = { olderThan: beforeId, limit };
    const { leads, next } =
      given.phone !== undefined && companyId === undefined
        ? await ofEveryCompany(context, given.phone, given, page)
        : await findLeadPage(database, readFilter(context, given, companyId), page);
    const names = await companyNames(database, [...new Set(leads.map((lead) => lead.companyId))]);
    return {
      leads: leads.map((lead) => shownLead(lead, names.get(lead.companyId))),
      /** `beforeId` of the next page; null: there is none. A page can have fewer leads than asked for though there are more. */
      next: next ?? null,
    };
  },
});

/** A phone has a different digest in each company; only those that have leads with it are searched. */
async function ofEveryCompany(
  { database, digests, signal }: Context,
  phone: string,
  given: Parameters<typeof readFilter>[1],
  page: { readonly olderThan: string | undefined; readonly limit: number },
): Promise<LeadPage> {
  const leads: FoundLead[] = [];
  let isMore = false;
  for (const { companyId } of await phoneInCompanies({ database, digests }, 'leads', phone)) {
    if (signal.aborted) break;
    const found = await findLeadPage(database, readFilter({ digests }, given, companyId), page);
    leads.push(...found.leads);
    isMore ||= found.next !== undefined;
  }
  const newest = leads.sort((a, b) => (a.id < b.id ? 1 : -1)).slice(0, page.limit);
  return { leads: newest, next: isMore || leads.length > page.limit ? newest.at(-1)?.id : undefined };
}
