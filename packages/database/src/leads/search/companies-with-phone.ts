import type { Database } from '../../connection/client.ts';
import { Prisma } from '../../generated/client.ts';

/** A phone as one company has it. */
export interface PhoneOfCompany {
  readonly companyId: string;
  readonly phoneDigest: string;
}

const TABLES = { leads: Prisma.raw('leads'), refused: Prisma.raw('refused_requests') } as const;

/** Which of them have a row with their phone: a look into an index for each, in one statement. */
export async function companiesWithPhone(
  database: Database,
  table: keyof typeof TABLES,
  phones: readonly PhoneOfCompany[],
): Promise<PhoneOfCompany[]> {
  return database.$queryRaw<PhoneOfCompany[]>`
    SELECT "companyId", "phoneDigest"
    FROM jsonb_to_recordset(${JSON.stringify(phones)}::jsonb) AS input("companyId" uuid, "phoneDigest" text),
      LATERAL (
        SELECT FROM ${TABLES[table]}
        WHERE company_id = "companyId" AND phone_digest BETWEEN "phoneDigest"::char(64) AND "phoneDigest"::char(64) LIMIT 1
      ) AS found`;
}
