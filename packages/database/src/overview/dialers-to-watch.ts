import type { Database } from '../connection/client.ts';
import { Prisma } from '../generated/client.ts';

export interface WatchedDialer {
  readonly id: string;
  readonly companyId: string;
  readonly company: string;
  readonly family: string;
  readonly baseUrl: string;
  readonly accountId: string;
}

/** Of one company, or all; by the company's name. */
export async function listWatchedDialers(
  database: Database,
  companyId: string | undefined,
): Promise<WatchedDialer[]> {
  return database.$queryRaw<WatchedDialer[]>`
    SELECT dialers.id, companies.id AS "companyId", name AS company, family, base_url AS "baseUrl", account_id AS "accountId"
    FROM dialers JOIN companies ON companies.id = company_id
    WHERE true ${companyId === undefined ? Prisma.empty : Prisma.sql`AND companies.id = ${companyId}::uuid`}
    ORDER BY name`;
}
