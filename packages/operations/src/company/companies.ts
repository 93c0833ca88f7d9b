import { addCompany, listCompanies, renameCompany } from '@live-feed/database/directory/companies';
import { z } from 'zod';
import { companyInput } from '../inputs/inputs.ts';
import { shortText } from '../inputs/written.ts';
import { ofCompany, ofInstallation, ofReached } from '../operation.ts';
import { Refusal } from '../refusal.ts';
import { refuseOfOne } from './of-all-companies.ts';

export const companyAdd = ofInstallation({
  name: 'company.add',
  summary: 'adds a company',
  role: 'admin',
  route: 'POST /companies',
  input: z.object({ name: shortText().describe('the name that people use') }),
  async run({ database, record }, { name }) {
    const { added, company } = await addCompany(database, name);
    if (!added) throw taken(company.name);
    record({ target: company.name, after: company });
    return { company };
  },
});

export const companyList = ofReached({
  name: 'company.list',
  summary: 'lists companies with their dialer family and the numbers of their keys, campaigns and ANIs',
  role: 'viewer',
  route: 'GET /companies',
  input: z.object({}),
  run: async ({ database }, _input, reached) => ({ companies: await listCompanies(database, reached) }),
});

export const companyRename = ofCompany({
  name: 'company.rename',
  summary: 'gives a company another name',
  role: 'admin',
  route: 'POST /companies/:company/rename',
  input: z.object({ company: companyInput, name: shortText().describe('the new name') }),
  async run({ database, actor, record }, { name }, company) {
    refuseOfOne(actor);
    const { renamed, company: present } = await renameCompany(database, company.id, name);
    if (!renamed) throw taken(present.name);
    record({ target: company.name, before: { name: company.name }, after: { name: present.name } });
    return { company: present, was: company.name };
  },
});

function taken(name: string): Refusal {
  return new Refusal(`There is already a company "${name}".`, { see: { operation: 'company.list' } });
}
