import { createHmac } from 'node:crypto';
import { digestApiKey, hintOf, issueApiKey } from '@live-feed/core/crypto/api-key';
import type { Keyring } from '@live-feed/core/crypto/sealing';
import { newId } from '@live-feed/core/ids';
import { SEALED } from '@live-feed/core/lead/lead-job';
import type { Database } from './connection/client.ts';

/** The demo's companies: one on each dialing system, and one for every row of the API's error table. */

export interface SeedOptions {
  readonly keyring: Keyring;
  /** Without a trailing slash. */
  readonly ringcxBaseUrl: string;
  readonly newbridgeBaseUrl: string;
  /** The demo's keys are derived from it, so that seeding again changes nothing. Anybody who knows it has them. */
  readonly secret: string;
}

export interface Seeded {
  readonly keys: Record<DemoKey, string>;
  readonly campaigns: { readonly ringcx: string; readonly newbridge: string };
}

export type DemoKey = (typeof DEMO_KEYS)[number];

const DEMO_KEYS = [
  'ringcx',
  'newbridge',
  'notUniversal',
  'inactive',
  'noDialer',
  'otherFamily',
  'ringcxNoToken',
  'newbridgeNoToken',
] as const;

const CAMPAIGNS = { ringcx: '123456', newbridge: '654321' } as const;

interface DemoCompany {
  readonly name: string;
  /** First six digits of its ANIs; the last four are numbers reserved for fiction. */
  readonly aniPrefix?: string;
  readonly dialer?: { readonly family: string; readonly token?: 'permanentToken' | 'apiAuthToken' };
  readonly campaign: string;
  readonly keys: readonly { readonly key: DemoKey; readonly type?: string; readonly active?: boolean }[];
}

const COMPANIES: readonly DemoCompany[] = [
  {
    name: 'Demo RingCX',
    aniPrefix: '305555',
    dialer: { family: 'ringcx', token: 'permanentToken' },
    campaign: CAMPAIGNS.ringcx,
    keys: [{ key: 'ringcx' }, { key: 'notUniversal', type: 'reporting' }, { key: 'inactive', active: false }],
  },
  {
    name: 'Demo NewBridge',
    aniPrefix: '212555',
    dialer: { family: 'newbridge', token: 'apiAuthToken' },
    campaign: CAMPAIGNS.newbridge,
    keys: [{ key: 'newbridge' }],
  },
  { name: 'Demo without a dialer', campaign: CAMPAIGNS.ringcx, keys: [{ key: 'noDialer' }] },
  {
    name: 'Demo on another dialer family',
    dialer: { family: 'five9', token: 'apiAuthToken' },
    campaign: CAMPAIGNS.ringcx,
    keys: [{ key: 'otherFamily' }],
  },
  {
    name: 'Demo RingCX without a token',
    dialer: { family: 'ringcx' },
    campaign: CAMPAIGNS.ringcx,
    keys: [{ key: 'ringcxNoToken' }],
  },
  {
    name: 'Demo NewBridge without a token',
    dialer: { family: 'newbridge' },
    campaign: CAMPAIGNS.newbridge,
    keys: [{ key: 'newbridgeNoToken' }],
  },
];

const ANIS_PER_COMPANY = 8;

/** Idempotent: what is there already stays as it is, but for the dialers' addresses and tokens. */
export async function seed(database: Database, options: SeedOptions): Promise<Seeded> {
  const keys = Object.fromEntries(
    DEMO_KEYS.map((name) => [name, issueApiKey(randomFrom(options.secret, name))]),
  ) as Record<DemoKey, string>;
  for (const company of COMPANIES) await seedCompany(database, options, company, keys);
  return { keys, campaigns: CAMPAIGNS };
}

async function seedCompany(
  database: Database,
  options: SeedOptions,
  { name, aniPrefix, dialer, campaign, keys: companyKeys }: DemoCompany,
  keys: Record<DemoKey, string>,
): Promise<void> {
  const { id: companyId } = await database.company.upsert({
    where: { name },
    create: { id: newId(), name },
    update: {},
  });
  await database.campaign.upsert({
    where: { companyId_campaignId: { companyId, campaignId: campaign } },
    create: { id: newId(), companyId, campaignId: campaign },
    update: {},
  });
  for (const { key, type = 'universal', active = true } of companyKeys) {
    const digest = digestApiKey(keys[key]);
    await database.apiKey.upsert({
      where: { digest },
      create: { id: newId(), companyId, type, active, digest, hint: hintOf(keys[key]) },
      update: {},
    });
  }
  if (dialer !== undefined) await seedDialer(database, options, companyId, dialer);
  if (aniPrefix !== undefined) {
    await database.ani.createMany({
      data: Array.from({ length: ANIS_PER_COMPANY }, (_, index) => ({
        id: newId(),
        companyId,
        phone: `${aniPrefix}${String(100 + index).padStart(4, '0')}`,
      })),
      skipDuplicates: true,
    });
  }
}

async function seedDialer(
  database: Database,
  options: SeedOptions,
  companyId: string,
  { family, token }: NonNullable<DemoCompany['dialer']>,
): Promise<void> {
  const baseUrl = family === 'newbridge' ? options.newbridgeBaseUrl : options.ringcxBaseUrl;
  // The documented shape of a permanent RingCX token.
  const secretToken = `aws80:${uuidFrom(options.secret, companyId)}`;
  const tokens =
    token === undefined
      ? { permanentToken: null, apiAuthToken: null }
      : { [token]: options.keyring.seal(secretToken, { companyId, column: SEALED[token] }) };
  await database.dialer.upsert({
    where: { companyId },
    create: { id: newId(), companyId, family, baseUrl, accountId: accountFrom(companyId), ...tokens },
    update: { baseUrl, ...tokens },
  });
}

function randomFrom(secret: string, purpose: string) {
  let block = 0;
  return (length: number): Uint8Array => {
    const bytes: Buffer[] = [];
    for (let have = 0; have < length; have += 32) {
      bytes.push(createHmac('sha256', secret).update(`${purpose} ${block++}`).digest());
    }
    return Buffer.concat(bytes).subarray(0, length);
  };
}

function uuidFrom(secret: string, purpose: string): string {
  const hex = createHmac('sha256', secret).update(`token ${purpose}`).digest('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join(
    '-',
  );
}

function accountFrom(companyId: string): string {
  return String(10_000_000 + (Number.parseInt(companyId.slice(-7), 16) % 90_000_000));
}
