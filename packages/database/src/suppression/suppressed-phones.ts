import type { StoredPhone, SuppressionSource } from '@live-feed/core/directory/suppressed-phone';
import type { Database } from '../connection/client.ts';
import { Prisma } from '../generated/client.ts';

/**
 * Phones that a company must not have called, found by their digests.
 *
 * Leads are checked in the statement that begins their upload. Adding a phone changes the company's `ani_turn`, so an upload whose
 * statement began before is not begun: once `suppressPhones` has returned, no upload begins with such a lead. See `intend`.
 */

export interface PhoneToSuppress extends StoredPhone {
  readonly source: SuppressionSource;
  /** Since when, milliseconds since the epoch; undefined: now. */
  readonly addedAtMs?: number | undefined;
}

/**
 * A phone that is suppressed already stays as it is.
 *
 * @returns the digests of those that were not
 */
export async function suppressPhones(
  database: Database,
  companyId: string,
  phones: readonly PhoneToSuppress[],
): Promise<string[]> {
  // The company's row comes last, when all phones are written, so that it is locked for the commit only. Phones are written in one order, so
  // that two statements never wait for each other.
  const added = await database.$queryRaw<{ phoneDigest: string }[]>`
    WITH added AS (
      INSERT INTO suppressed_phones (company_id, phone_digest, entry, source, created_at)
      SELECT ${companyId}::uuid, "phoneDigest", entry, source, COALESCE(to_timestamp("addedAtMs" / 1000), now())
      FROM jsonb_to_recordset(${JSON.stringify(phones)}::jsonb) AS input("phoneDigest" char(64), entry text, source text, "addedAtMs" float8)
      ORDER BY "phoneDigest"
      ON CONFLICT (company_id, phone_digest) DO NOTHING
      RETURNING phone_digest
    ),
    turned AS (
      UPDATE companies SET ani_turn = ani_turn + 1 WHERE id = ${companyId}::uuid AND (SELECT count(*) FROM added) > 0
    )
    SELECT phone_digest AS "phoneDigest" FROM added`;
  return added.map(({ phoneDigest }) => phoneDigest);
}

/** @returns how many of them were suppressed */
export async function allowPhones(
  database: Database,
  companyId: string,
  digests: readonly string[],
): Promise<number> {
  const { count } = await database.suppressedPhone.deleteMany({
    where: { companyId, phoneDigest: { in: [...digests] } },
  });
  return count;
}

/** Looks only: a lead of that phone may be under way. @returns since when it is suppressed, and by whom; null if it is not */
export async function findSuppressed(
  database: Database,
  companyId: string,
  phoneDigest: string,
): Promise<{ readonly source: string; readonly createdAt: Date; readonly entry: string } | null> {
  return database.suppressedPhone.findUnique({
    where: { companyId_phoneDigest: { companyId, phoneDigest } },
    select: { source: true, createdAt: true, entry: true },
  });
}

/** Looks only, for many. @returns the digests of those that are suppressed */
export async function suppressedAmong(
  database: Database,
  companyId: string,
  digests: readonly string[],
): Promise<ReadonlySet<string>> {
  if (digests.length === 0) return new Set();
  const found = await database.$queryRaw<{ phoneDigest: string }[]>`
    SELECT phone_digest AS "phoneDigest" FROM suppressed_phones
    WHERE company_id = ${companyId}::uuid AND phone_digest = ANY(${[...digests]}::char(64)[])`;
  return new Set(found.map(({ phoneDigest }) => phoneDigest));
}

/** For a statement about leads. @param companyId a uuid @param phoneDigest a text */
export function isSuppressed(companyId: Prisma.Sql, phoneDigest: Prisma.Sql): Prisma.Sql {
  return Prisma.sql`((
    SELECT true FROM suppressed_phones AS unwanted
    WHERE unwanted.company_id = ${companyId} AND unwanted.phone_digest = ${phoneDigest}::char(64)
  ) IS TRUE)`;
}

export async function countSuppressed(database: Database, companyId: string): Promise<number> {
  return database.suppressedPhone.count({ where: { companyId } });
}

export interface SuppressedRow {
  readonly phoneDigest: string;
  /** Sealed. */
  readonly entry: string;
  readonly source: string;
  readonly createdAt: Date;
}

/** In the order of the digests. @param page.after the last digest of the previous page */
export async function listSuppressed(
  database: Database,
  companyId: string,
  page: { readonly after?: string | undefined; readonly limit: number },
): Promise<SuppressedRow[]> {
  return database.suppressedPhone.findMany({
    where: { companyId, ...(page.after === undefined ? {} : { phoneDigest: { gt: page.after } }) },
    select: { phoneDigest: true, entry: true, source: true, createdAt: true },
    orderBy: { phoneDigest: 'asc' },
    take: page.limit,
  });
}
