import type { Database } from '../connection/client.ts';

/** What identifies a dialer to people. */
export interface DialerName {
  readonly dialerId: string;
  readonly companyId: string;
  readonly family: string;
  readonly companyName: string;
  readonly baseUrl: string;
  readonly accountId: string;
}

/** Every dialer, ordered by company name. */
export async function listDialerNames(database: Database): Promise<DialerName[]> {
  const rows = await database.dialer.findMany({
    select: {
      ...{ id: true, companyId: true, family: true, baseUrl: true, accountId: true },
      company: { select: { name: true } },
    },
    orderBy: { company: { name: 'asc' } },
  });
  return rows.map(({ id, company, ...rest }) => ({ dialerId: id, companyName: company.name, ...rest }));
}
