import { companyNames } from '@live-feed/database/directory/companies';
import { findRefused, type RefusedRequest } from '@live-feed/database/refused/refused-requests';
import { z } from 'zod';
import { companyInput, idInput } from '../inputs/inputs.ts';
import { personal } from '../inputs/masked-input.ts';
import { phone, shortText } from '../inputs/written.ts';
import { ofReached, onlyCompany } from '../operation.ts';
import { phoneInCompanies } from './phone-in-companies.ts';

export const leadRefused = ofReached({
  name: 'lead.refused',
  summary:
    'lists requests for leads that were refused (400 to 429, and 503 of a check of phones) in the last seven days, newest first; masked',
  role: 'viewer',
  route: 'GET /refused-requests',
  input: z.object({
    company: companyInput.optional(),
    phone: personal(phone()).optional().describe("in any form that a lead's phone may have"),
    code: shortText(100).optional().describe('such as DUPLICATE_LEAD'),
    campaign: shortText().optional().describe("the dialing system's id"),
    beforeId: idInput('the last entry of the page before').optional(),
    limit: z.int().min(1).max(1_000).default(50),
  }),
  async run({ database, digests, signal }, { company, phone, code, campaign, beforeId, limit }, reached) {
    const only = await onlyCompany({ database }, company, reached);
    const search = { code, campaignId: campaign, olderThan: beforeId, limit };
    const found: RefusedRequest[] = [];
    if (phone === undefined) found.push(...(await findRefused(database, { ...search, companyId: only })));
    else {
      const companies =
        only === undefined
          ? await phoneInCompanies({ database, digests }, 'refused', phone)
          : [{ companyId: only, phoneDigest: digests.phone(only, phone) }];
      for (const company of companies) {
        if (signal.aborted) break;
        found.push(...(await findRefused(database, { ...search, ...company })));
      }
    }
    const newest = found.sort((a, b) => (a.id < b.id ? 1 : -1)).slice(0, limit);
    const names = await companyNames(database, [...new Set(newest.map(({ companyId }) => companyId))]);
    return {
      refused: newest.map(({ phoneDigest: _, phoneLast2, ...each }) => ({
        ...each,
        company: names.get(each.companyId),
        phone: phoneLast2 === null ? null : `********${phoneLast2}`,
      })),
      next: newest.length < limit ? null : (newest.at(-1)?.id ?? null),
    };
  },
});
