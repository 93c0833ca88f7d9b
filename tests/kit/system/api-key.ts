import { digestApiKey, hintOf, issueApiKey } from '@live-feed/core/crypto/api-key';
import type { KeySettings } from '@live-feed/core/directory/key-settings';
import { newId } from '@live-feed/core/ids';
import type { Company } from './company.ts';
import type { System } from './system.ts';

/** Adds another key to a company. */
export async function addKey(
  { database }: Pick<System, 'database'>,
  { id: companyId }: Pick<Company, 'id'>,
  { type = 'universal', settings = {} }: { readonly type?: string; readonly settings?: KeySettings } = {},
): Promise<string> {
  const key = issueApiKey(undefined, type);
  await database.apiKey.create({
    data: { id: newId(), companyId, type, settings, digest: digestApiKey(key), hint: hintOf(key) },
  });
  return key;
}
