import { type CampaignPause, readCampaignPause } from '@live-feed/core/directory/campaign-pause';
import {
  type LeadSettings,
  type RateWindow,
  rateWindowsSchema,
  readLeadSettings,
} from '@live-feed/core/directory/dialer-settings';
import {
  type CampaignRule,
  type DuplicateRule,
  readCampaignRule,
  readDuplicateRule,
} from '@live-feed/core/directory/duplicate-rule';
import { type IntakeSettings, readIntakeSettings } from '@live-feed/core/directory/intake-settings';
import { type KeySettings, readKeySettings } from '@live-feed/core/directory/key-settings';
import { type PhoneCheck, readPhoneCheck } from '@live-feed/core/directory/phone-check';
import { uploadDefaultsSchema } from '@live-feed/core/lead/lead-fields';
import type { UploadOptions } from '@live-feed/core/lead/lead-request';
import type { Database } from '../connection/client.ts';
import { PHONE_CHECK } from './phone-checks.ts';

/** A company's account on a dialing system, with sealed tokens or credentials. */
export interface DialerRecord {
  readonly id: string;
  readonly companyId: string;
  readonly family: string;
  readonly baseUrl: string;
  readonly accountId: string;
  readonly permanentToken: string | null;
  readonly apiAuthToken: string | null;
  readonly jwtCredential: string | null;
  readonly uploadDefaults: UploadOptions;
  readonly maxInFlight: number;
  readonly maxLeadsPerUpload: number;
  /** Null: the documented windows of the family. */
  readonly uploadWindows: readonly RateWindow[] | null;
  readonly onUnverifiable: 'park' | 'resend';
  readonly leadSettings: LeadSettings;
}

/** An API key, with its company's dialer. */
export interface KeyRecord {
  readonly keyId: string;
  readonly companyId: string;
  readonly type: string;
  readonly active: boolean;
  readonly expiresAt: Date | null;
  readonly settings: KeySettings;
  /** Of the company. */
  readonly timeZone: string;
  /** Of the company; null: duplicates are not looked for. */
  readonly duplicates: DuplicateRule | null;
  /** Of the company. */
  readonly intake: IntakeSettings;
  /** Of the company; null: phones are not checked. */
  readonly phoneCheck: PhoneCheck | null;
  readonly dialer: DialerRecord | null;
}

/**
 * One statement, and not a query of Prisma's with relations: an ingress asks it for every key every few seconds.
 *
 * @param digests those that the key may be stored under, see `KeyedDigests.apiKey` in core
 */
export async function findKey(database: Database, ...digests: readonly string[]): Promise<KeyRecord | null> {
  const [row] = await database.$queryRaw<KeyRow[]>`
    SELECT api_keys.id AS "keyId", api_keys.company_id AS "companyId", api_keys.type, active, expires_at AS "expiresAt",
      api_keys.settings, companies.time_zone AS "timeZone", companies.duplicates, companies.intake,
      (SELECT ${PHONE_CHECK} FROM phone_checks WHERE phone_checks.company_id = companies.id) AS "phoneCheck",
      dialers.id, family, base_url AS "baseUrl", account_id AS "accountId", permanent_token AS "permanentToken",
      api_auth_token AS "apiAuthToken", jwt_credential AS "jwtCredential", upload_defaults AS "uploadDefaults",
      max_in_flight AS "maxInFlight", max_leads_per_upload AS "maxLeadsPerUpload", upload_windows AS "uploadWindows",
      on_unverifiable AS "onUnverifiable", lead_settings AS "leadSettings"
    FROM api_keys JOIN companies ON companies.id = api_keys.company_id LEFT JOIN dialers ON dialers.company_id = api_keys.company_id
    WHERE digest = ANY(${[...digests]}::char(64)[]) LIMIT 1`;
  if (row === undefined) return null;
  const {
    keyId,
    companyId,
    type,
    active,
    expiresAt,
    settings,
    timeZone,
    duplicates,
    intake,
    phoneCheck,
    ...dialer
  } = row;
  return {
    ...{ keyId, companyId, type, active, expiresAt, timeZone },
    settings: readKeySettings(settings),
    duplicates: readDuplicateRule(duplicates),
    intake: readIntakeSettings(intake),
    phoneCheck: readPhoneCheck(phoneCheck),
    dialer: dialer.id === null ? null : dialerRecord({ ...dialer, companyId }),
  };
}

/** Without an `id` the company has no dialer. */
type KeyRow = Omit<KeyRecord, 'dialer' | 'settings' | 'duplicates' | 'intake' | 'phoneCheck'> & {
  readonly settings: unknown;
  readonly duplicates: unknown;
  readonly intake: unknown;
  readonly phoneCheck: unknown;
} & (Omit<DialerRow, 'companyId'> | { readonly id: null });

/** What a lead's campaign asks for. */
export interface CampaignSettings {
  readonly duplicates: CampaignRule;
  /** It may be over by now. */
  readonly pause: CampaignPause | null;
}

/** @returns null if the company has no such campaign */
export async function findCampaign(
  database: Database,
  companyId: string,
  campaignId: string,
): Promise<CampaignSettings | null> {
  const [found] = await database.$queryRaw<
    { duplicates: unknown; paused: string | null; until: Date | null }[]
  >`
    SELECT duplicates, paused, paused_until AS until FROM campaigns
    WHERE company_id = ${companyId}::uuid AND campaign_id = ${campaignId}`;
  if (found === undefined) return null;
  const { duplicates, paused, until } = found;
  return { duplicates: readCampaignRule(duplicates), pause: readCampaignPause(paused, until) };
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

type DialerRow = Omit<
  DialerRecord,
  'uploadDefaults' | 'uploadWindows' | 'onUnverifiable' | 'leadSettings'
> & {
  readonly uploadDefaults: unknown;
  readonly uploadWindows: unknown;
  readonly onUnverifiable: string;
  readonly leadSettings: unknown;
};

function dialerRecord(row: DialerRow): DialerRecord {
  const defaults = uploadDefaultsSchema.partial().safeParse(row.uploadDefaults);
  const windows = rateWindowsSchema.safeParse(row.uploadWindows);
  return {
    id: row.id,
    companyId: row.companyId,
    family: row.family,
    baseUrl: row.baseUrl,
    accountId: row.accountId,
    permanentToken: row.permanentToken,
    apiAuthToken: row.apiAuthToken,
    jwtCredential: row.jwtCredential,
    // The admin command line validates these. Values that this release cannot parse are ignored.
    uploadDefaults: defaults.success ? withoutNull(defaults.data) : {},
    maxInFlight: row.maxInFlight,
    maxLeadsPerUpload: row.maxLeadsPerUpload,
    uploadWindows: windows.success ? windows.data : null,
    onUnverifiable: row.onUnverifiable === 'resend' ? 'resend' : 'park',
    leadSettings: readLeadSettings(row.leadSettings),
  };
}

function withoutNull(options: Record<string, string | null | undefined>): UploadOptions {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => typeof value === 'string'));
}
