import { newId } from '@live-feed/core/ids';
import type { Database } from '../connection/client.ts';

/** Keys of the admin API. Only their digests are stored. */

export interface NewAdminKey {
  readonly label: string;
  readonly digest: string;
  readonly hint: string;
  readonly role: string;
  /** The only company that it reaches; null: all. */
  readonly companyId: string | null;
  /** Null: never. */
  readonly expiresAt: Date | null;
}

export interface AdminKeyRecord extends Omit<NewAdminKey, 'digest'> {
  readonly id: string;
  readonly companyName: string | null;
  readonly createdAt: Date;
  readonly revokedAt: Date | null;
  /** To the minute. */
  readonly lastUsedAt: Date | null;
}

/** @returns the key's id */
export async function addAdminKey(database: Database, key: NewAdminKey): Promise<string> {
  const id = newId();
  await database.adminKey.create({ data: { id, ...key } });
  return id;
}

/** Oldest first. */
export async function listAdminKeys(database: Database): Promise<AdminKeyRecord[]> {
  const rows = await database.adminKey.findMany({
    omit: { digest: true },
    include: { company: { select: { name: true } } },
    orderBy: { id: 'asc' },
  });
  return rows.map(({ company, ...row }) => ({ ...row, companyName: company?.name ?? null }));
}

/** @returns false if there is none that works */
export async function revokeAdminKey(database: Database, id: string): Promise<boolean> {
  const { count } = await database.adminKey.updateMany({
    where: { id, revokedAt: null },
    data: { revokedAt: new Date() },
  });
  return count === 1;
}

/** The key of a request, if it works, by the database's clock. Notes that it was used. */
export async function useAdminKey(
  database: Database,
  digest: string,
): Promise<Pick<AdminKeyRecord, 'id' | 'label' | 'role' | 'companyId'> | undefined> {
  const [key] = await database.$queryRaw<Pick<AdminKeyRecord, 'id' | 'label' | 'role' | 'companyId'>[]>`
    WITH key AS (
      SELECT id, label, role, company_id AS "companyId" FROM admin_keys
      WHERE digest = ${digest} AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > now())
    ), used AS (
      UPDATE admin_keys SET last_used_at = date_trunc('minute', now()) FROM key
      WHERE admin_keys.id = key.id AND last_used_at IS DISTINCT FROM date_trunc('minute', now())
    )
    SELECT * FROM key`;
  return key;
}
