import { type CompanyRecord, findCompany } from '@live-feed/database/directory/companies';
import type { Session } from '../session.ts';
import { hint } from '../terminal/hint.ts';
import { Refusal } from '../terminal/refusal.ts';

/** @throws Refusal if no company has that name or id */
export async function theCompany({ database }: Session, nameOrId: string): Promise<CompanyRecord> {
  const company = await findCompany(database, nameOrId);
  if (company !== null) return company;
  throw new Refusal(`There is no company "${nameOrId}". See: ${hint`company list`}`);
}
