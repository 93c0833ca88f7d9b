import { randomBytes, randomUUID } from 'node:crypto';
import { digestApiKey, hintOf, issueApiKey } from '@live-feed/core/crypto/api-key';
import { parseKeyring } from '@live-feed/core/crypto/sealing';
import type { LeadSettings, RateWindow } from '@live-feed/core/directory/dialer-settings';
import type { DuplicateRule } from '@live-feed/core/directory/duplicate-rule';
import type { IntakeSettings } from '@live-feed/core/directory/intake-settings';
import { newId } from '@live-feed/core/ids';
import { SEALED } from '@live-feed/core/lead/lead-job';
import type { UploadOptions } from '@live-feed/core/lead/lead-request';
import { findFamily } from '@live-feed/dialers/families';
import type { System } from './system.ts';

/** The system that a company is added to. */
export type CompanyHome = Pick<System, 'database' | 'environment' | 'simulatorUrl'>;

/** A company of a test's own. Its dialer has no other traffic. */
export interface Company {
  readonly id: string;
  readonly dialerId: string;
  readonly campaignId: string;
  readonly key: string;
  /** Leads of a phone that had one in the last day. */
  readonly refusesDuplicates?: boolean;
}

export interface CompanyOptions {
  readonly family?: 'ringcx' | 'newbridge';
  /** Default: by a token. With a credential of its own. */
  readonly signsIn?: 'with a JWT';
  /** Default: the simulator. */
  readonly baseUrl?: string;
  readonly onUnverifiable?: 'park' | 'resend';
  readonly maxInFlight?: number;
  readonly maxLeadsPerUpload?: number;
  /** Default: no limits, as in `startSystem`. */
  readonly uploadWindows?: RateWindow[] | 'of the family';
  /** Options of leads that have none. */
  readonly uploadDefaults?: UploadOptions;
  readonly leadSettings?: Partial<LeadSettings>;
  /** Other names of fields, and defaults. Default: none. */
  readonly intake?: Partial<IntakeSettings>;
  readonly refusesDuplicates?: boolean;
}

const DAILY: DuplicateRule = { windowMs: 86_400_000, action: 'refuse', scope: 'company' };

/** Every connection to it is refused. */
export const CLOSED_PORT = 'http://127.0.0.1:1/voice/api';

export function simulatedBaseUrl(
  system: Pick<System, 'simulatorUrl'>,
  family: 'ringcx' | 'newbridge' = 'ringcx',
): string {
  return `${system.simulatorUrl}/${family === 'ringcx' ? 'voice' : 'newbridge'}/api`;
}

/** The client id is the company's id, by which scenarios can match it. */
function secretFor(column: string, companyId: string): string {
  if (column !== 'jwtCredential') return `aws80:${randomUUID()}`;
  const [first, second, third] = Array.from({ length: 3 }, () => randomBytes(24).toString('base64url'));
  return JSON.stringify({
    clientId: companyId,
    clientSecret: randomBytes(24).toString('base64url'),
    jwt: `${first}.${second}.${third}`,
  });
}

/** Adds a company. Workers notice its dialer within a second. */
export async function addCompany(home: CompanyHome, options: CompanyOptions = {}): Promise<Company> {
  const [company] = await addCompanies(home, 1, options);
  if (company === undefined) throw new Error('No company was added.');
  return company;
}

/** Adds equal companies, each with a dialer, a universal key, one campaign and one ANI. */
export async function addCompanies(
  home: CompanyHome,
  count: number,
  options: CompanyOptions = {},
): Promise<Company[]> {
  const {
    family = 'ringcx',
    baseUrl = simulatedBaseUrl(home, family),
    uploadWindows = [],
    signsIn,
    intake,
    refusesDuplicates = false,
    ...settings
  } = options;
  const { database, environment } = home;
  const keyring = parseKeyring(environment['SEAL_KEYS'] ?? '');
  const column = signsIn === undefined ? (findFamily(family)?.token ?? 'apiAuthToken') : 'jwtCredential';
  const added = Array.from({ length: count }, () => {
    const id = newId();
    // Campaigns are numbers at the dialing system; no other company of this simulator has this one.
    const campaignId = String(Number.parseInt(id.slice(-8), 16));
    return { id, dialerId: newId(), campaignId, key: issueApiKey(), refusesDuplicates };
  });
  const { company, apiKey, campaign, ani, dialer } = database;
  await company.createMany({
    data: added.map(({ id }) => ({
      ...{ id, name: `Company ${id}` },
      ...(intake && { intake }),
      ...(refusesDuplicates ? { duplicates: DAILY } : {}),
    })),
  });
  await apiKey.createMany({
    data: added.map(({ id: companyId, key }) => ({
      ...{ id: newId(), companyId, type: 'universal' as const },
      ...{ digest: digestApiKey(key), hint: hintOf(key) },
    })),
  });
  await campaign.createMany({
    data: added.map(({ id: companyId, campaignId }) => ({ id: newId(), companyId, campaignId })),
  });
  await ani.createMany({
    data: added.map(({ id: companyId, campaignId }) => ({
      ...{ id: newId(), companyId },
      phone: String(2_000_000_000 + Number(campaignId)).slice(0, 10),
    })),
  });
  await dialer.createMany({
    data: added.map(({ id: companyId, dialerId: id, campaignId: accountId }) => ({
      ...{ id, companyId, family, baseUrl, accountId },
      [column]: keyring.seal(secretFor(column, companyId), { companyId, column: SEALED[column] }),
      ...(uploadWindows === 'of the family' ? {} : { uploadWindows }),
      ...settings,
    })),
  });
  return added;
}
