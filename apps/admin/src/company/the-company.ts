import { type CompanyRecord, findCompany } from '@live-feed/database/directory/companies';
import { type DialerRecord, findDialerOf } from '@live-feed/database/directory/lookups';
import type { Session } from '../session.ts';
import { hint } from '../terminal/hint.ts';
import { Refusal } from '../terminal/refusal.ts';

/** @throws Refusal if no company has that name or id */
export async function theCompany({ database }: Session, nameOrId: string): Promise<CompanyRecord> {
  const company = await findCompany(database, nameOrId);
  if (company !== null) return company;
  throw new Refusal(`There is no company "${nameOrId}". See: ${hint`company list`}`);
}

/** @throws Refusal if the company has none */
export async function theDialer(
  session: Session,
  nameOrId: string,
): Promise<{ readonly company: CompanyRecord; readonly dialer: DialerRecord }> {
  const company = await theCompany(session, nameOrId);
  const dialer = await findDialerOf(session.database, company.id);
  if (dialer !== null) return { company, dialer };
  throw new Refusal(`"${company.name}" has no dialer. Give it one: ${hint`dialer set --help`}`);
}
