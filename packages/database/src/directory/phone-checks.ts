import { type PhoneCheck, readPhoneCheck } from '@live-feed/core/directory/phone-check';
import { newId } from '@live-feed/core/ids';
import type { Database } from '../connection/client.ts';
import { Prisma } from '../generated/client.ts';

/** A row as `readPhoneCheck` reads it. */
export const PHONE_CHECK = Prisma.sql`
  jsonb_build_object('id', phone_checks.id, 'url', url, 'headers', headers, 'timeoutMs', timeout_ms, 'cacheMs', cache_ms, 'unanswered', unanswered)`;

/** @returns null if the company has its phones not checked */
export async function findPhoneCheck(database: Database, companyId: string): Promise<PhoneCheck | null> {
  const [row] = await database.$queryRaw<{ stored: unknown }[]>`
    SELECT ${PHONE_CHECK} AS stored FROM phone_checks WHERE company_id = ${companyId}::uuid`;
  return readPhoneCheck(row?.stored);
}

/** Of a company that has none, or in place of its former one, whose answers do not count any more. */
export async function putPhoneCheck(
  database: Database,
  companyId: string,
  check: Omit<PhoneCheck, 'id'>,
): Promise<void> {
  const row = { ...check, id: newId() };
  await database.phoneCheck.upsert({ where: { companyId }, create: { ...row, companyId }, update: row });
}

/** Keeps its answers. @returns false if the company has none */
export async function changePhoneCheck(
  database: Database,
  companyId: string,
  changes: Partial<Omit<PhoneCheck, 'id' | 'url'>>,
): Promise<boolean> {
  const { count } = await database.phoneCheck.updateMany({ where: { companyId }, data: changes });
  return count > 0;
}

export async function removePhoneCheck(database: Database, companyId: string): Promise<void> {
  await database.phoneCheck.deleteMany({ where: { companyId } });
}
