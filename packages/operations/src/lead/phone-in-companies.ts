import { companyIds } from '@live-feed/database/directory/companies';
import {
  companiesWithPhone,
  type PhoneOfCompany,
} from '@live-feed/database/leads/search/companies-with-phone';
import type { Resources } from '../resources.ts';

/** A phone has a different digest in each company: those that have rows with it. */
export async function phoneInCompanies(
  { database, digests }: Pick<Resources, 'database' | 'digests'>,
  table: 'leads' | 'refused',
  phone: string,
): Promise<PhoneOfCompany[]> {
  const phones = (await companyIds(database)).map((companyId) => ({
    companyId,
    phoneDigest: digests.phone(companyId, phone),
  }));
  return companiesWithPhone(database, table, phones);
}
