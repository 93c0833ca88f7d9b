import { createHmac } from 'node:crypto';
import { digestApiKey, hintOf, issueApiKey } from '@live-feed/core/crypto/api-key';
import type { Keyring } from '@live-feed/core/crypto/sealing';
import type { JwtCredential } from '@live-feed/core/directory/dialer-settings';
import { SEALED } from '@live-feed/core/lead/lead-job';
import { importAnis } from '@live-feed/database/caller-ids/ani-import';
import type { Database } from '@live-feed/database/connection/client';
import { addApiKey } from '@live-feed/database/directory/api-keys';
import { addCampaigns } from '@live-feed/database/directory/campaigns';
import { addCompany } from '@live-feed/database/directory/companies';
import { addDialer, changeDialer } from '@live-feed/database/directory/dialers';
import { findDialerOf } from '@live-feed/database/directory/lookups';
import {
  DEMO_CAMPAIGNS,
  DEMO_COMPANIES,
  DEMO_KEYS,
  type DemoCompany,
  type DemoDialer,
  type DemoKey,
} from './demo-companies.ts';

export interface SeedOptions {
  readonly keyring: Keyring;
  /** Without a trailing slash. */
  readonly simulatorUrl: string;
  /** The demo keys are derived from it, so that seeding again gives the same keys. It is as secret as the keys. */
  readonly secret: string;
}

export interface Seeded {
  readonly keys: Record<DemoKey, string>;
  readonly campaigns: typeof DEMO_CAMPAIGNS;
}

const ANIS_PER_COMPANY = 8;

/** Idempotent: what exists stays as it is, except for the dialers' addresses and tokens. */
export async function seed(database: Database, options: SeedOptions): Promise<Seeded> {
  const keys = Object.fromEntries(
    DEMO_KEYS.map((name) => [name, issueApiKey(derivedBytes(options.secret, name))]),
  ) as Record<DemoKey, string>;
  for (const company of DEMO_COMPANIES) await seedCompany(database, options, company, keys);
  return { keys, campaigns: DEMO_CAMPAIGNS };
}

async function seedCompany(
  database: Database,
  options: SeedOptions,
  { name, aniPrefix, dialer, campaign, keys: companyKeys }: DemoCompany,
  keys: Record<DemoKey, string>,
): Promise<void> {
  const companyId = (await addCompany(database, name)).company.id;
  await addCampaigns(database, companyId, [campaign]);
  for (const { key, type = 'universal', active = true } of companyKeys) {
    const digest = digestApiKey(keys[key]);
    await addApiKey(database, {
      companyId,
      type,
      digest,
      hint: hintOf(keys[key]),
      settings: {},
      expiresAt: null,
      active,
    });
  }
  if (dialer !== undefined) await seedDialer(database, options, companyId, dialer);
  if (aniPrefix !== undefined) await importAnis(database, companyId, anis(aniPrefix));
}

function anis(prefix: string) {
  return Array.from({ length: ANIS_PER_COMPANY }, (_, index) => ({
    line: index + 1,
    phone: `${prefix}${String(100 + index).padStart(4, '0')}`,
  }));
}

async function seedDialer(
  database: Database,
  { keyring, simulatorUrl, secret }: SeedOptions,
  companyId: string,
  { family, token }: DemoDialer,
): Promise<void> {
  const baseUrl = `${simulatorUrl}/${family === 'newbridge' ? 'newbridge' : 'voice'}/api`;
  const place = { family, baseUrl, accountId: accountOf(companyId) };
  const settings =
    token === undefined
      ? {}
      : {
          [token]: keyring.seal(derivedSecret(secret, companyId, token), {
            companyId,
            column: SEALED[token],
          }),
        };
  const existing = await findDialerOf(database, companyId);
  if (existing === null) await addDialer(database, companyId, place, settings);
  else await changeDialer(database, existing.id, place, settings);
}

function derivedBytes(secret: string, purpose: string) {
  let block = 0;
  return (length: number): Uint8Array => {
    const bytes: Buffer[] = [];
    for (let have = 0; have < length; have += 32) {
      bytes.push(createHmac('sha256', secret).update(`${purpose} ${block++}`).digest());
    }
    return Buffer.concat(bytes).subarray(0, length);
  };
}

function derivedSecret(secret: string, companyId: string, column: NonNullable<DemoDialer['token']>): string {
  if (column !== 'jwtCredential') return derivedToken(secret, companyId);
  const part = (name: string) =>
    createHmac('sha256', secret).update(`${name} ${companyId}`).digest('base64url');
  const credential: JwtCredential = {
    clientId: 'demo',
    clientSecret: part('client secret'),
    jwt: `${part('header')}.${part('claims')}.${part('signature')}`,
  };
  return JSON.stringify(credential);
}

/** In the documented shape of a permanent RingCX token, `aws80:<uuid>`. */
function derivedToken(secret: string, companyId: string): string {
  const hex = createHmac('sha256', secret).update(`token ${companyId}`).digest('hex');
  return `aws80:${hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*/, '$1-$2-$3-$4-$5')}`;
}

function accountOf(companyId: string): string {
  return String(10_000_000 + (Number.parseInt(companyId.slice(-7), 16) % 90_000_000));
}
