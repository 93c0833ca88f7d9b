import type { API_KEY_TYPES } from '@live-feed/core/crypto/api-key';
import type { KeySettings } from '@live-feed/core/directory/key-settings';
import type { CompanyRecord } from '@live-feed/database/directory/companies';
import { describeLimits } from '@live-feed/operations/inputs/written-key-settings';
import { keyRevoke, keySet } from '@live-feed/operations/key/key-changes';
import { keyImport, keyIssue, keyRotate } from '@live-feed/operations/key/new-keys';
import type { Session } from '../session.ts';
import { facts } from '../terminal/report.ts';
import { readSecret } from '../terminal/secret-input.ts';
import { type KeySettingOptions, settingsOf } from './key-settings.ts';

interface KeyOptions extends KeySettingOptions {
  readonly type: (typeof API_KEY_TYPES)[number];
  readonly expiresIn?: number | undefined;
}

export async function issueKey(session: Session, company: string, options: KeyOptions) {
  const { type, expiresIn: expiresInMs } = options;
  return newKey(await session.perform(keyIssue, { company, type, expiresInMs, ...settingsOf(options) }));
}

export async function importKey(
  session: Session,
  companyName: string,
  options: KeyOptions & { readonly keyFile: string },
) {
  const { type, expiresIn: expiresInMs, keyFile } = options;
  const key = await readSecret(session.terminal, keyFile, 'API key');
  const input = { company: companyName, key, type, expiresInMs, ...settingsOf(options) };
  const { company, wasThere, settings, ...imported } = await session.perform(keyImport, input);
  const data = { ...imported, company: company.name, ...(settings === null ? {} : { settings }) };
  if (wasThere) {
    return {
      text: `The key …${imported.hint} was already imported; it is now stored as a keyed digest. Its type and expiry have not changed.`,
      data,
    };
  }
  return { text: `Imported the key …${imported.hint} for "${company.name}".`, data };
}

/** Changes what a key may do. */
export async function setKey(session: Session, key: string, options: KeySettingOptions) {
  const { id, company, hint, settings } = await session.perform(keySet, { key, ...settingsOf(options) });
  return {
    text: `Changed the key …${hint} of "${company.name}", within 5 seconds everywhere. Label: ${settings.label ?? 'none'}. Limits: ${describeLimits(settings)}.`,
    data: { id, settings },
  };
}

export async function revokeKey(session: Session, key: string) {
  const { id, company, hint, revoked } = await session.perform(keyRevoke, { key });
  const said = revoked ? 'It stops working everywhere within 5 seconds.' : 'It was already revoked.';
  return { text: `Revoked the key …${hint} of "${company.name}". ${said}`, data: { id, revoked } };
}

export async function rotateKey(
  session: Session,
  key: string,
  { overlap, expiresIn }: { readonly overlap: number; readonly expiresIn?: number | undefined },
) {
  const input = { key, overlapMs: overlap, expiresInMs: expiresIn };
  const { replaces, ...made } = await session.perform(keyRotate, input);
  const { text, data } = newKey(made);
  return {
    text: `${text}\nThe old key …${replaces.hint} expires ${replaces.expiresAt.toISOString()}.`,
    data: { ...data, replaces: { id: replaces.id, expiresAt: replaces.expiresAt } },
  };
}

/** The only time that a key is shown. */
function newKey({
  company,
  hint: _hint,
  ...made
}: {
  readonly key: string;
  readonly id: string;
  readonly company: CompanyRecord;
  readonly type: string;
  readonly hint: string;
  readonly settings: KeySettings;
  readonly expiresAt: Date | null;
}) {
  const lines = facts([
    ['key', made.key],
    ['id', made.id],
    ['company', company.name],
    ['type', made.type],
    ['label', made.settings.label ?? null],
    ['limits', describeLimits(made.settings)],
    ['expires', made.expiresAt],
  ]);
  return {
    text: `${lines}\n\nThe key is not shown again: store it now.`,
    data: { ...made, company: company.name },
  };
}
