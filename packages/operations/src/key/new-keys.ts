import { checkApiKey, digestApiKey, hintOf, issueApiKey, isTestKey } from '@live-feed/core/crypto/api-key';
import { keyWeakness } from '@live-feed/core/crypto/key-strength';
import { addApiKey, replaceApiKey, replaceDigest } from '@live-feed/database/directory/api-keys';
import { findKey } from '@live-feed/database/directory/lookups';
import { z } from 'zod';
import { durationInput } from '../inputs/inputs.ts';
import { secret } from '../inputs/masked-input.ts';
import { ofCompany, ofCompanysOwn } from '../operation.ts';
import { Refusal } from '../refusal.ts';
import { changedSettings } from './key-settings.ts';
import { byKey, expiry, keyIdInput, keyName, lifetimeInput, newKeyInput, theKey } from './keys.ts';

/** The output has the key: it is shown this once. */
export const keyIssue = ofCompany({
  name: 'key.issue',
  summary: 'creates a key and shows it, once',
  role: 'admin',
  route: 'POST /companies/:company/keys',
  input: z.object(newKeyInput),
  async run({ database, record }, { type, expiresInMs, ...changes }, company) {
    const settings = await changedSettings(database, company, {}, changes);
    const key = issueApiKey(undefined, type);
    const [hint, expiresAt] = [hintOf(key), expiry(expiresInMs)];
    const stored = { companyId: company.id, type, digest: digestApiKey(key), hint, settings, expiresAt };
    const id = await addApiKey(database, stored);
    if (id === undefined) {
      throw new Refusal('The key could not be stored. Nothing was changed; try again.', {
        kind: 'unavailable',
      });
    }
    record({ target: keyName(hint, settings.label), after: { id, type, expiresAt, ...settings } });
    return { key, id, company, type, hint, settings, expiresAt };
  },
});

export const keyImport = ofCompany({
  name: 'key.import',
  summary: 'takes over a key that callers already use, if it cannot be guessed',
  role: 'admin',
  route: 'POST /companies/:company/keys/import',
  input: z.object({
    key: secret(z.string().trim().min(1).max(4_096)).describe('20 to 512 visible ASCII characters'),
    ...newKeyInput,
  }),
  async run({ database, digests, record }, { key, type, expiresInMs, ...changes }, company) {
    const settings = await changedSettings(database, company, {}, changes);
    refuseWeak(key, type);
    const hint = hintOf(key);
    const [digest, former] = digests.apiKey(key);
    // Earlier releases stored a plain digest. Importing the key again replaces only the digest.
    const kept = former === undefined ? undefined : await replaceDigest(database, company.id, former, digest);
    if (kept !== undefined) {
      record({ target: keyName(hint, undefined), after: { id: kept.id, digest: 'keyed' } });
      return { ...kept, company, hint, settings: null, wasThere: true };
    }
    const expiresAt = expiry(expiresInMs);
    const isTaken = former !== undefined && (await findKey(database, former)) !== null;
    const stored = { companyId: company.id, type, digest, hint, settings, expiresAt };
    const id = isTaken ? undefined : await addApiKey(database, stored);
    if (id === undefined) {
      throw new Refusal('This key already exists. Nothing was changed.', { see: { operation: 'key.list' } });
    }
    record({ target: keyName(hint, settings.label), after: { id, type, expiresAt, ...settings } });
    return { id, company, type, hint, settings, expiresAt, wasThere: false };
  },
});

/** @throws Refusal that does not repeat the key */
function refuseWeak(key: string, type: string): void {
  const shape = checkApiKey(key);
  if (shape === 'malformed') {
    throw new Refusal(
      'This is not a key: expected 20 to 512 visible ASCII characters without spaces; a key that begins with oiq_ must be complete. Nothing was changed.',
    );
  }
  const weakness = shape === 'valid' ? undefined : keyWeakness(key);
  if (weakness !== undefined) {
    throw new Refusal(
      `This key is not safe: ${weakness}. Nothing was changed. Ask its vendor for a random one (a UUID, or 32 hexadecimal digits), or create one.`,
      { see: { operation: 'key.issue', to: 'Create one' } },
    );
  }
  // It says of itself that it changes nothing.
  if (isTestKey(key) && type !== 'test') {
    throw new Refusal('This is a test key: import it with the type test. Nothing was changed.');
  }
}

const DAY_MS = 86_400_000;

/** The output has the new key: it is shown this once. */
export const keyRotate = ofCompanysOwn({
  ...byKey,
  name: 'key.rotate',
  summary: 'creates a key that replaces another, and lets the old one expire',
  role: 'admin',
  route: 'POST /keys/:key/rotate',
  input: z.object({
    key: keyIdInput,
    overlapMs: durationInput({ min: 0, max: 90 * DAY_MS })
      .default(DAY_MS)
      .describe('how long the old key still works, milliseconds'),
    expiresInMs: lifetimeInput,
  }),
  async run({ database, record }, { key: oldId, overlapMs, expiresInMs }, company) {
    const old = await theKey({ database }, oldId);
    const { type, settings } = old;
    const key = issueApiKey(undefined, type);
    const [hint, expiresAt] = [hintOf(key), expiry(expiresInMs)];
    const replaced = await replaceApiKey(database, oldId, overlapMs, {
      digest: digestApiKey(key),
      hint,
      expiresAt,
    });
    if (replaced === undefined) {
      throw new Refusal(`The key …${old.hint} does not work any more.`, {
        see: { operation: 'key.issue', to: 'Create a new one', values: [company.name] },
      });
    }
    const { id, oldExpiresAt } = replaced;
    record({
      target: keyName(old.hint, settings.label),
      before: { id: oldId, expiresAt: old.expiresAt },
      after: { id: oldId, expiresAt: oldExpiresAt, replacedBy: { id, endsIn: hint, expiresAt } },
    });
    const replaces = { id: oldId, hint: old.hint, expiresAt: oldExpiresAt };
    return { key, id, company, type, hint, settings, expiresAt, replaces };
  },
});
