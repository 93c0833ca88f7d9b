import type { Database } from '../connection/client.ts';

/** A dialer by the words that people know it by, and without its tokens. */
export interface DialerName {
  readonly dialerId: string;
  readonly family: string;
  readonly companyName: string;
  readonly baseUrl: string;
  readonly accountId: string;
}

/** Every dialer, in the order of the companies' names. */
export async function listDialerNames(database: Database): Promise<DialerName[]> {
  const rows = await database.dialer.findMany({
    select: { id: true, family: true, baseUrl: true, accountId: true, company: { select: { name: true } } },
    orderBy: { company: { name: 'asc' } },
  });
  return rows.map(({ id, company, ...rest }) => ({ dialerId: id, companyName: company.name, ...rest }));
}
