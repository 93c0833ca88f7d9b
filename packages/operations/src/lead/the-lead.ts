import { isId } from '@live-feed/core/ids';
import type { TracedLead } from '@live-feed/core/lead/lead-record';
import type { LeadState } from '@live-feed/core/lead/lead-state';
import { normalisePhone } from '@live-feed/core/lead/phone';
import { type CompanyRecord, findCompany } from '@live-feed/database/directory/companies';
import { findAnyLead, findLead } from '@live-feed/database/leads/lead-status';
import { findLeadPage } from '@live-feed/database/leads/search/lead-search';
import { z } from 'zod';
import { companyInput } from '../inputs/inputs.ts';
import { personal } from '../inputs/masked-input.ts';
import { noCompany } from '../operation.ts';
import { Refusal } from '../refusal.ts';
import type { Resources } from '../resources.ts';

/** The input of an operation on one lead: by its id, or by its phone and company. `safeExtend` adds members. */
export const leadInput = z
  .object({
    lead: personal(z.string().trim().min(1).max(255)).describe(
      'its id, or its phone together with the company',
    ),
    company: companyInput.optional(),
  })
  .superRefine(({ lead, company }, context) => {
    const problem = problemOf(lead, company);
    if (problem !== undefined) context.addIssue({ code: 'custom', ...problem });
  });

interface Named {
  readonly lead: string;
  readonly company?: string | undefined;
}

function problemOf(lead: string, company: string | undefined) {
  if (idOf(lead) !== undefined) return undefined;
  const reading = normalisePhone(lead);
  if (!reading.ok) {
    return { path: ['lead'], message: `This is neither the id of a lead nor a phone. ${reading.reason}` };
  }
  return company === undefined
    ? { path: ['company'], message: 'A phone needs its company: name it.' }
    : undefined;
}

/** For `ofCompanysOwn`: whose lead it is. */
export const companyOfLead = {
  async company({ database }: Resources, { lead, company }: Named): Promise<CompanyRecord | null> {
    const id = idOf(lead);
    if (id === undefined) return company === undefined ? null : findCompany(database, company);
    const found = await findAnyLead(database, id);
    return found === null ? null : findCompany(database, found.companyId);
  },
  missing: ({ lead, company }: Named): Refusal =>
    idOf(lead) === undefined ? noCompany(company ?? '') : noLead(),
};

/** How many leads of one phone are looked at, newest first. */
const MOST_OF_A_PHONE = 50;

/**
 * @param states where the phone has several leads, only those in one of these count
 * @throws Refusal if there is none, or more than one
 */
export async function theLead(
  { database, digests }: Resources,
  { lead: text }: Named,
  company: CompanyRecord,
  states?: readonly LeadState[],
): Promise<TracedLead> {
  const id = idOf(text) ?? (await idByPhone({ database, digests }, text, company, states));
  const lead = await findLead(database, { companyId: company.id, campaigns: undefined }, id);
  if (lead === null) throw noLead();
  return lead;
}

async function idByPhone(
  { database, digests }: Pick<Resources, 'database' | 'digests'>,
  text: string,
  company: CompanyRecord,
  states: readonly LeadState[] | undefined,
): Promise<string> {
  const reading = normalisePhone(text);
  const phoneDigest = digests.phone(company.id, reading.ok ? reading.phone : '');
  const filter = { companyId: company.id, phoneDigest, states };
  const { leads } = await findLeadPage(database, filter, { limit: MOST_OF_A_PHONE });
  const [only, ...others] = leads;
  if (only !== undefined && others.length === 0) return only.id;
  const such = states === undefined ? '' : ` that is ${states.join(' or ')}`;
  if (only === undefined) {
    throw new Refusal(`The company has no lead with this phone${such}.`, { kind: 'not_found' });
  }
  throw new Refusal(
    `The company has ${leads.length} leads with this phone${such}; name one by its id:\n${leads.map(({ id, state }) => `  ${id}  ${state}`).join('\n')}`,
  );
}

function idOf(text: string): string | undefined {
  const id = text.toLowerCase();
  return isId(id) ? id : undefined;
}

function noLead(): Refusal {
  return new Refusal('There is no lead with that id: it was not sent or promised yet, or it was purged.', {
    kind: 'not_found',
    see: { operation: 'lead.list' },
  });
}
