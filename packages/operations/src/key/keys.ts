import { systemClock } from '@live-feed/core/clock';
import { API_KEY_TYPES } from '@live-feed/core/crypto/api-key';
import { type ApiKeyRecord, findApiKey, listApiKeys } from '@live-feed/database/directory/api-keys';
import { z } from 'zod';
import { companyInput, durationInput, idInput } from '../inputs/inputs.ts';
import { ofReached, onlyCompany } from '../operation.ts';
import { Refusal } from '../refusal.ts';
import type { Resources } from '../resources.ts';
import { keySettingsInput } from './key-settings.ts';

/** What the operations on keys share, and the list of them. */

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

export const lifetimeInput = durationInput({ min: MINUTE_MS, max: 3_650 * DAY_MS })
  .optional()
  .describe('milliseconds until it stops working; left out: it does not expire');

/** What a new key is given, whether it is made here or comes from its owner. */
export const newKeyInput = {
  company: companyInput,
  type: z
    .enum(API_KEY_TYPES)
    .default('universal')
    .describe('the live feed takes universal, and test for dry runs'),
  expiresInMs: lifetimeInput,
  ...keySettingsInput,
};

export const keyIdInput = idInput('the key');

/** For operations on one key. */
export const byKey = {
  company: async ({ database }: Resources, { key }: { readonly key: string }) => {
    const found = await findApiKey(database, key);
    return found === null ? null : companyOf(found);
  },
  missing: noKey,
};

export function companyOf({ companyId, companyName }: ApiKeyRecord) {
  return { id: companyId, name: companyName };
}

/** @throws Refusal if it has gone meanwhile */
export async function theKey({ database }: Pick<Resources, 'database'>, id: string): Promise<ApiKeyRecord> {
  const key = await findApiKey(database, id);
  if (key === null) throw noKey();
  return key;
}

function noKey(): Refusal {
  return new Refusal('There is no key with that id.', { kind: 'not_found', see: { operation: 'key.list' } });
}

/** As the audit log and lists name a key. */
export function keyName(hint: string, label: string | undefined): string {
  return label === undefined ? `key …${hint}` : `key …${hint} (${label})`;
}

export function expiry(inMs: number | undefined): Date | null {
  return inMs === undefined ? null : new Date(systemClock.now() + inMs);
}

export type KeyState = 'active' | 'expired' | 'revoked';

export const keyList = ofReached({
  name: 'key.list',
  summary: 'lists keys with their type, last two characters, limits and state',
  role: 'viewer',
  route: 'GET /keys',
  input: z.object({ company: companyInput.optional() }),
  async run({ database }, { company }, reached) {
    const keys = await listApiKeys(database, await onlyCompany({ database }, company, reached));
    return { keys: keys.map(shown) };
  },
});

function shown({ active, ...key }: ApiKeyRecord) {
  const isExpired = key.expiresAt !== null && key.expiresAt.getTime() <= systemClock.now();
  const state: KeyState = active ? (isExpired ? 'expired' : 'active') : 'revoked';
  return { ...key, state };
}
