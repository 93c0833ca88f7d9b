import type { Database } from '../connection/client.ts';
import { Prisma } from '../generated/client.ts';

/**
 * Removes a company with all that it has. Tables that grow are emptied in batches first, so that no statement holds locks for long; if the
 * process dies in between, removing the company again goes on. The audit log stays.
 */

/** Leads that are not final: queued, being sent or verified, or parked for a person. */
export async function countOpenLeads(database: Database, companyId: string): Promise<number> {
  const [row] = await database.$queryRaw<{ open: number }[]>`
    SELECT count(*)::int AS open FROM leads
    WHERE company_id = ${companyId}::uuid AND state IN ('QUEUED', 'SENDING', 'UNKNOWN', 'PARKED')`;
  return row?.open ?? 0;
}

/** @returns how many keys worked until now */
export async function revokeKeysOf(database: Database, companyId: string): Promise<number> {
  const { count } = await database.apiKey.updateMany({
    where: { companyId, active: true, OR: [{ expiresAt: null }, { expiresAt: { gt: new Date() } }] },
    data: { active: false },
  });
  return count;
}

/** Removes rows from one of the tables that grow. Leads that are not final stay. @returns how many; 0 if there are no more */
export async function removeRowsOf(database: Database, companyId: string, limit: number): Promise<number> {
  const id = Prisma.sql`${companyId}::uuid`;
  for (const { table, where } of rowsOf(id)) {
    const removed = await database.$executeRaw`
      DELETE FROM ${table} WHERE ctid = ANY(ARRAY(SELECT ctid FROM ${table} WHERE ${where} LIMIT ${limit}))`;
    if (removed > 0) return removed;
  }
  return 0;
}

/** In an order in which nothing is removed that another row still names. */
function rowsOf(
  companyId: Prisma.Sql,
): readonly { readonly table: Prisma.Sql; readonly where: Prisma.Sql }[] {
  const ofCompany = Prisma.sql`company_id = ${companyId}`;
  return [
    {
      table: Prisma.sql`leads`,
      where: Prisma.sql`${ofCompany} AND state NOT IN ('QUEUED', 'SENDING', 'UNKNOWN', 'PARKED')`,
    },
    {
      table: Prisma.sql`uploads`,
      where: Prisma.sql`dialer_id IN (SELECT id FROM dialers WHERE ${ofCompany})`,
    },
    {
      table: Prisma.sql`webhook_events`,
      where: Prisma.sql`webhook_id IN (SELECT id FROM webhooks WHERE ${ofCompany})`,
    },
    {
      table: Prisma.sql`campaign_anis`,
      where: Prisma.sql`ani_id IN (SELECT id FROM anis WHERE ${ofCompany})`,
    },
    ...[
      Prisma.sql`idempotency_keys`,
      Prisma.sql`suppressed_phones`,
      Prisma.sql`phone_claims`,
      Prisma.sql`lead_changes`,
      Prisma.sql`lead_figures`,
      Prisma.sql`refused_requests`,
      Prisma.sql`anis`,
    ].map((table) => ({ table, where: ofCompany })),
  ];
}

/** A person waits for it. */
const PATIENCE = { maxWait: 15_000, timeout: 15_000 } as const;

/** The company itself, once nothing is left that grows. @returns false, with nothing changed, if a lead has come */
export async function removeCompanyRow(database: Database, companyId: string): Promise<boolean> {
  return database.$transaction(async (transaction) => {
    await transaction.$queryRaw`SELECT id FROM companies WHERE id = ${companyId}::uuid FOR UPDATE`;
    const lead = await transaction.lead.findFirst({ where: { companyId }, select: { id: true } });
    if (lead !== null) return false;
    await transaction.apiKey.deleteMany({ where: { companyId } });
    await transaction.campaign.deleteMany({ where: { companyId } });
    await transaction.dialer.deleteMany({ where: { companyId } });
    // Webhooks, people, keys of the admin API, and settings go with it.
    await transaction.company.deleteMany({ where: { id: companyId } });
    return true;
  }, PATIENCE);
}
