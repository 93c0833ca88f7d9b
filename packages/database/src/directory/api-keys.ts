import { type KeySettings, readKeySettings } from '@live-feed/core/directory/key-settings';
import { newId } from '@live-feed/core/ids';
import type { Database } from '../connection/client.ts';

/** API keys as operators see them. Only digests of keys are stored. */

export interface NewApiKey {
  readonly companyId: string;
  /** The live feed takes `universal`. */
  readonly type: string;
  /** See `KeyedDigests.apiKey` in core. */
  readonly digest: string;
  readonly hint: string;
  readonly settings: KeySettings;
  /** Null: never. */
  readonly expiresAt: Date | null;
  /** Default: true. */
  readonly active?: boolean;
}

export interface ApiKeyRecord {
  readonly id: string;
  readonly companyId: string;
  readonly companyName: string;
  readonly type: string;
  readonly hint: string;
  readonly settings: KeySettings;
  readonly active: boolean;
  readonly expiresAt: Date | null;
  readonly createdAt: Date;
}

/** @returns the key's id; undefined if a company has the same key already */
export async function addApiKey(database: Database, key: NewApiKey): Promise<string | undefined> {
  const id = newId();
  const { count } = await database.apiKey.createMany({ data: [{ id, ...key }], skipDuplicates: true });
  return count === 1 ? id : undefined;
}

/** @returns the key's id, type and expiry; undefined, with nothing changed, if the company has no key of the former digest */
export async function replaceDigest(
  database: Database,
  companyId: string,
  former: string,
  digest: string,
): Promise<Pick<ApiKeyRecord, 'id' | 'type' | 'expiresAt'> | undefined> {
  const [replaced] = await database.apiKey.updateManyAndReturn({
    where: { companyId, digest: former },
    data: { digest },
    select: { id: true, type: true, expiresAt: true },
  });
  return replaced;
}

/** Keys of one company, or of all by company name; oldest first. */
export async function listApiKeys(database: Database, companyId?: string): Promise<ApiKeyRecord[]> {
  const rows = await database.apiKey.findMany({
    ...(companyId === undefined ? {} : { where: { companyId } }),
    select: SHOWN,
    orderBy: [{ company: { name: 'asc' } }, { id: 'asc' }],
  });
  return rows.map(record);
}

export async function findApiKey(database: Database, id: string): Promise<ApiKeyRecord | null> {
  const row = await database.apiKey.findUnique({ where: { id }, select: SHOWN });
  return row === null ? null : record(row);
}

/** Replaces what a key may do. */
export async function changeKeySettings(
  database: Database,
  id: string,
  settings: KeySettings,
): Promise<void> {
  await database.apiKey.update({ where: { id }, data: { settings } });
}

/** @returns whether it was active */
export async function revokeApiKey(database: Database, id: string): Promise<boolean> {
  const { count } = await database.apiKey.updateMany({
    where: { id, active: true },
    data: { active: false },
  });
  return count === 1;
}

/**
 * Adds a key of the same company, type and settings, and makes the old one expire: both or neither.
 *
 * @param overlapMs how long the old key stays valid, but not beyond its own expiry
 * @returns the new key's id and the old one's expiry; undefined, with nothing changed, if the old one is no longer valid
 */
export async function replaceApiKey(
  database: Database,
  id: string,
  overlapMs: number,
  replacement: Pick<NewApiKey, 'digest' | 'hint' | 'expiresAt'>,
): Promise<{ readonly id: string; readonly oldExpiresAt: Date } | undefined> {
  const { digest, hint, expiresAt } = replacement;
  const rows = await database.$queryRaw<{ id: string; oldExpiresAt: Date }[]>`
    WITH old AS (
      UPDATE api_keys SET expires_at = LEAST(expires_at, now() + ${overlapMs}::float8 * interval '1 millisecond')
      WHERE id = ${id}::uuid AND active AND (expires_at IS NULL OR expires_at > now())
      RETURNING company_id, type, settings, expires_at
    ),
    new AS (
      INSERT INTO api_keys (id, company_id, type, settings, digest, hint, expires_at)
      SELECT ${newId()}::uuid, company_id, type, settings, ${digest}, ${hint}, ${expiresAt}::timestamptz FROM old
      RETURNING id
    )
    SELECT new.id, old.expires_at AS "oldExpiresAt" FROM old, new`;
  return rows[0];
}

const SHOWN = {
  id: true,
  companyId: true,
  settings: true,
  type: true,
  hint: true,
  active: true,
  expiresAt: true,
  createdAt: true,
  company: { select: { name: true } },
} as const;

type ShownRow = Omit<ApiKeyRecord, 'companyName' | 'settings'> & {
  readonly company: { readonly name: string };
  readonly settings: unknown;
};

function record({ company, settings, ...key }: ShownRow): ApiKeyRecord {
  return { ...key, companyName: company.name, settings: readKeySettings(settings) };
}
