import { type RateWindow, rateWindowsSchema } from '@live-feed/core/directory/dialer-settings';
import type { UploadOptions } from '@live-feed/core/lead/lead-request';
import { uploadOptionsSchema } from '@live-feed/core/lead/lead-request';
import type { Database } from '../connection/client.ts';

/** A company's account on a dialing system, with sealed tokens. */
export interface DialerRecord {
  readonly id: string;
  readonly companyId: string;
  readonly family: string;
  readonly baseUrl: string;
  readonly accountId: string;
  readonly permanentToken: string | null;
  readonly apiAuthToken: string | null;
  readonly uploadDefaults: UploadOptions;
  readonly maxInFlight: number;
  readonly maxLeadsPerUpload: number;
  /** Null: the documented windows of the family. */
  readonly uploadWindows: readonly RateWindow[] | null;
  readonly onUnverifiable: 'park' | 'resend';
}

/** An API key, with its company's dialer. */
export interface KeyRecord {
  readonly keyId: string;
  readonly companyId: string;
  readonly type: string;
  readonly active: boolean;
  readonly expiresAt: Date | null;
  readonly dialer: DialerRecord | null;
}

/** @param digests under which the key may be stored, see `KeyedDigests.apiKey` in core */
export async function findKey(database: Database, ...digests: readonly string[]): Promise<KeyRecord | null> {
  const key = await database.apiKey.findFirst({
    where: { digest: { in: [...digests] } },
    include: { company: { include: { dialer: true } } },
  });
  if (key === null) return null;
  const { dialer } = key.company;
  return {
    keyId: key.id,
    companyId: key.companyId,
    type: key.type,
    active: key.active,
    expiresAt: key.expiresAt,
    dialer: dialer === null ? null : dialerRecord(dialer),
  };
}

export async function campaignExists(
  database: Database,
  companyId: string,
  campaignId: string,
): Promise<boolean> {
  const found = await database.campaign.findUnique({
    where: { companyId_campaignId: { companyId, campaignId } },
    select: { id: true },
  });
  return found !== null;
}

/**
 * A text that changes whenever a dialer is added, changed or removed, so that all are read only then. `xmin` is the transaction that
 * wrote a row.
 */
export async function readDialersVersion(database: Database): Promise<string> {
  const [row] = await database.$queryRaw<{ version: string }[]>`
    SELECT md5(COALESCE(string_agg(id || ' ' || xmin, ',' ORDER BY id), '')) AS version FROM dialers`;
  return row?.version ?? '';
}

export async function listDialers(database: Database): Promise<DialerRecord[]> {
  const rows = await database.dialer.findMany({ orderBy: { id: 'asc' } });
  return rows.map(dialerRecord);
}

export async function findDialer(database: Database, id: string): Promise<DialerRecord | null> {
  const row = await database.dialer.findUnique({ where: { id } });
  return row === null ? null : dialerRecord(row);
}

export async function findDialerOf(database: Database, companyId: string): Promise<DialerRecord | null> {
  const row = await database.dialer.findUnique({ where: { companyId } });
  return row === null ? null : dialerRecord(row);
}

function dialerRecord(
  row: Omit<DialerRecord, 'uploadDefaults' | 'uploadWindows' | 'onUnverifiable'> & {
    readonly uploadDefaults: unknown;
    readonly uploadWindows: unknown;
    readonly onUnverifiable: string;
  },
): DialerRecord {
  const defaults = uploadOptionsSchema.partial().safeParse(row.uploadDefaults);
  const windows = rateWindowsSchema.safeParse(row.uploadWindows);
  return {
    id: row.id,
    companyId: row.companyId,
    family: row.family,
    baseUrl: row.baseUrl,
    accountId: row.accountId,
    permanentToken: row.permanentToken,
    apiAuthToken: row.apiAuthToken,
    // The admin command line validates these. Values that this release cannot parse are ignored.
    uploadDefaults: defaults.success ? withoutNull(defaults.data) : {},
    maxInFlight: row.maxInFlight,
    maxLeadsPerUpload: row.maxLeadsPerUpload,
    uploadWindows: windows.success ? windows.data : null,
    onUnverifiable: row.onUnverifiable === 'resend' ? 'resend' : 'park',
  };
}

function withoutNull(options: Record<string, string | null | undefined>): UploadOptions {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => typeof value === 'string'));
}
