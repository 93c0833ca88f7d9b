import { randomUUID } from 'node:crypto';
import { digestApiKey, hintOf, issueApiKey } from '@live-feed/core/crypto/api-key';
import { parseKeyring } from '@live-feed/core/crypto/sealing';
import type { RateWindow } from '@live-feed/core/directory/dialer-settings';
import { newId } from '@live-feed/core/ids';
import { SEALED } from '@live-feed/core/lead/lead-job';
import type { UploadOptions } from '@live-feed/core/lead/lead-request';
import { findFamily } from '@live-feed/dialers/families';
import type { System } from './system.ts';

/** What a company is added to. */
export type CompanyHome = Pick<System, 'database' | 'environment' | 'simulatorUrl'>;

/** A company of a test's own: what happens to its dialer is nobody else's. */
export interface Company {
  readonly id: string;
  readonly dialerId: string;
  readonly campaignId: string;
  readonly key: string;
}

export interface CompanyOptions {
  readonly family?: 'ringcx' | 'newbridge';
  /** Default: the simulator. */
  readonly baseUrl?: string;
  readonly onUnverifiable?: 'park' | 'resend';
  readonly maxInFlight?: number;
  readonly maxLeadsPerUpload?: number;
  /** Default: no limits, as in `startSystem`. */
  readonly uploadWindows?: RateWindow[];
  /** Options of a lead whose caller gave none. */
  readonly uploadDefaults?: UploadOptions;
}

/** Nobody listens there: every connection is refused. */
export const CLOSED_PORT = 'http://127.0.0.1:1/voice/api';

export function simulatedBaseUrl(
  system: Pick<System, 'simulatorUrl'>,
  family: 'ringcx' | 'newbridge' = 'ringcx',
): string {
  return `${system.simulatorUrl}/${family === 'ringcx' ? 'voice' : 'newbridge'}/api`;
}

/** With a dialer, a universal key, one campaign and one ANI. Workers notice the dialer within a second. */
export async function addCompany(system: CompanyHome, options: CompanyOptions = {}): Promise<Company> {
  const { family = 'ringcx', baseUrl = simulatedBaseUrl(system, family), ...settings } = options;
  const { database, environment } = system;
  const id = newId();
  // Campaigns are numbers in the dialing system; this one is nobody else's in this simulator.
  const campaignId = String(Number.parseInt(id.slice(-8), 16));
  const key = issueApiKey();
  const column = findFamily(family)?.token ?? 'apiAuthToken';
  const token = parseKeyring(environment['SEAL_KEYS'] ?? '').seal(`aws80:${randomUUID()}`, {
    companyId: id,
    column: SEALED[column],
  });
  const dialerId = newId();
  await database.company.create({
    data: {
      id,
      name: `Company ${id}`,
      apiKeys: { create: { id: newId(), type: 'universal', digest: digestApiKey(key), hint: hintOf(key) } },
      campaigns: { create: { id: newId(), campaignId } },
      anis: { create: { id: newId(), phone: String(2_000_000_000 + Number(campaignId)).slice(0, 10) } },
      dialer: {
        create: {
          id: dialerId,
          family,
          baseUrl,
          accountId: campaignId,
          [column]: token,
          uploadWindows: [],
          ...settings,
        },
      },
    },
  });
  return { id, dialerId, campaignId, key };
}
