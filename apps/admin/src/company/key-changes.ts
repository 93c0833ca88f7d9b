import { checkApiKey, digestApiKey, hintOf, issueApiKey, isTestKey } from '@live-feed/core/crypto/api-key';
import { keyWeakness } from '@live-feed/core/crypto/key-strength';
import type { KeySettings } from '@live-feed/core/directory/key-settings';
import {
  type ApiKeyRecord,
  addApiKey,
  changeKeySettings,
  findApiKey,
  replaceApiKey,
  replaceDigest,
  revokeApiKey,
} from '@live-feed/database/directory/api-keys';
import { findKey } from '@live-feed/database/directory/lookups';
import type { Session } from '../session.ts';
import { hint } from '../terminal/hint.ts';
import { Refusal, UsageError } from '../terminal/refusal.ts';
import { facts } from '../terminal/report.ts';
import { readSecret } from '../terminal/secret-input.ts';
import { changedSettings, describeLimits, type KeySettingOptions, namesSettings } from './key-settings.ts';
import { theCompany } from './the-company.ts';

interface KeyOptions extends KeySettingOptions {
  readonly type: string;
  readonly expiresIn?: number | undefined;
}

export async function issueKey(session: Session, companyName: string, options: KeyOptions) {
  const { type, expiresIn } = options;
  const company = await theCompany(session, companyName);
  const settings = await changedSettings(session, company, {}, options);
  const key = issueApiKey(undefined, type);
  const expiresAt = expiry(expiresIn);
  const stored = {
    companyId: company.id,
    type,
    digest: digestApiKey(key),
    hint: hintOf(key),
    settings,
    expiresAt,
  };
  const keyId = await addApiKey(session.database, stored);
  if (keyId === undefined) throw new Refusal('The key could not be stored. Nothing was changed; try again.');
  return newKey(key, { id: keyId, company: company.name, type, settings, expiresAt });
}

export async function importKey(
  session: Session,
  companyName: string,
  options: KeyOptions & { readonly keyFile: string },
) {
  const { type, expiresIn, keyFile } = options;
  const company = await theCompany(session, companyName);
  const settings = await changedSettings(session, company, {}, options);
  const key = await readSecret(session.terminal, keyFile, 'API key');
  const shape = checkApiKey(key);
  if (shape === 'malformed') {
    throw new Refusal(
      'This is not a key: expected 20 to 512 visible ASCII characters without spaces; a key that begins with oiq_ must be complete. Nothing was changed.',
    );
  }
  const weakness = shape === 'valid' ? undefined : keyWeakness(key);
  if (weakness !== undefined) {
    throw new Refusal(
      `This key is not safe: ${weakness}. Ask its vendor for a random one (a UUID, or 32 hexadecimal digits), or create one: ${hint`key issue --help`}. Nothing was changed.`,
    );
  }
  // It says of itself that it changes nothing.
  if (isTestKey(key) && type !== 'test') {
    throw new Refusal('This is a test key: import it with --type test. Nothing was changed.');
  }
  const expiresAt = expiry(expiresIn);
  const ending = hintOf(key);
  const [digest, former] = session.digests.apiKey(key);
  // Earlier releases stored a plain digest. Importing the key again replaces only the digest.
  const kept =
    former === undefined ? undefined : await replaceDigest(session.database, company.id, former, digest);
  if (kept !== undefined) {
    return {
      text: `The key …${ending} was already imported; it is now stored as a keyed digest. Its type and expiry have not changed.`,
      data: { ...kept, company: company.name, hint: ending },
    };
  }
  const isTaken = former !== undefined && (await findKey(session.database, former)) !== null;
  const stored = { companyId: company.id, type, digest, hint: ending, settings, expiresAt };
  const keyId = isTaken ? undefined : await addApiKey(session.database, stored);
  if (keyId === undefined)
    throw new Refusal(`This key already exists. Nothing was changed. See: ${hint`key list`}`);
  const imported = { id: keyId, company: company.name, type, hint: ending, settings, expiresAt };
  return { text: `Imported the key …${ending} for "${company.name}".`, data: imported };
}

/** Changes what a key may do. */
export async function setKey(session: Session, keyId: string, options: KeySettingOptions) {
  if (!namesSettings(options)) throw new UsageError(`Name a setting. See: ${hint`key set --help`}`);
  const key = await theKey(session, keyId);
  const company = { id: key.companyId, name: key.companyName };
  const settings = await changedSettings(session, company, key.settings, options);
  await changeKeySettings(session.database, keyId, settings);
  return {
    text: `Changed the key …${key.hint} of "${key.companyName}", within 5 seconds everywhere. Label: ${settings.label ?? 'none'}. Limits: ${describeLimits(settings)}.`,
    data: { id: keyId, settings },
  };
}

export async function revokeKey(session: Session, keyId: string) {
  const key = await theKey(session, keyId);
  const stopped = await revokeApiKey(session.database, keyId);
  const said = stopped ? 'It stops working everywhere within 5 seconds.' : 'It was already revoked.';
  return {
    text: `Revoked the key …${key.hint} of "${key.companyName}". ${said}`,
    data: { id: keyId, revoked: stopped },
  };
}

export async function rotateKey(
  session: Session,
  keyId: string,
  { overlap, expiresIn }: { readonly overlap: number; readonly expiresIn?: number | undefined },
) {
  const old = await theKey(session, keyId);
  const key = issueApiKey(undefined, old.type);
  const expiresAt = expiry(expiresIn);
  const replacement = { digest: digestApiKey(key), hint: hintOf(key), expiresAt };
  const replaced = await replaceApiKey(session.database, keyId, overlap, replacement);
  if (replaced === undefined) {
    throw new Refusal(
      `The key …${old.hint} does not work any more. Create a new one: ${hint`key issue ${old.companyName}`}`,
    );
  }
  const { oldExpiresAt } = replaced;
  const made = newKey(key, {
    id: replaced.id,
    company: old.companyName,
    type: old.type,
    settings: old.settings,
    expiresAt,
  });
  return {
    text: `${made.text}\nThe old key …${old.hint} expires ${oldExpiresAt.toISOString()}.`,
    data: { ...made.data, replaces: { id: keyId, expiresAt: oldExpiresAt } },
  };
}

/** The only time that a key is shown. */
function newKey(
  key: string,
  made: {
    readonly id: string;
    readonly company: string;
    readonly type: string;
    readonly settings: KeySettings;
    readonly expiresAt: Date | null;
  },
) {
  const lines = facts([
    ['key', key],
    ['id', made.id],
    ['company', made.company],
    ['type', made.type],
    ['label', made.settings.label ?? null],
    ['limits', describeLimits(made.settings)],
    ['expires', made.expiresAt],
  ]);
  return { text: `${lines}\n\nThe key is not shown again: store it now.`, data: { ...made, key } };
}

function expiry(inMs: number | undefined): Date | null {
  return inMs === undefined ? null : new Date(Date.now() + inMs);
}

async function theKey({ database }: Session, keyId: string): Promise<ApiKeyRecord> {
  const key = await findApiKey(database, keyId);
  if (key !== null) return key;
  throw new Refusal(`There is no key with that id. See: ${hint`key list`}`);
}
