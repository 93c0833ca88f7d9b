import { createCipheriv, createDecipheriv, createSecretKey } from 'node:crypto';
import { derivedKey, hmac } from './keyed-digests.ts';
import { strongRandomBytes } from './random-bytes.ts';

/** What a sealed text belongs to. It cannot be unsealed as another company's or as another column's. */
export type SealContext = { readonly companyId: string; readonly column: string };

export type SealErrorCode = 'SEAL_MALFORMED' | 'SEAL_KEY_UNKNOWN' | 'SEAL_REFUSED';

/** A sealed text could not be opened. The message names neither the text nor a key, so it may be logged. */
export class SealError extends Error {
  override readonly name = 'SealError';
  readonly code: SealErrorCode;

  constructor(code: SealErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}

/** Seals with its current key, unseals with any of its keys. */
export type Keyring = {
  readonly currentKeyId: string;
  /** AES-256-GCM with a fresh 96-bit nonce: `v1.<keyId>.<iv>.<ciphertext>.<tag>`, the last three in base64url. */
  seal(plaintext: string, context: SealContext): string;
  /** @throws SealError if the text is malformed, its key is unknown, it was changed, or it belongs elsewhere. */
  unseal(sealed: string, context: SealContext): string;
  /** HMAC-SHA-256 under a key derived from the current key, 64 hex digits. Processes with another current key get another one. */
  digest(text: string): string;
};

const ALGORITHM = 'aes-256-gcm';
const KEY_BYTES = 32;
const IV_BYTES = 12;
const TAG_BYTES = 16;

const KEY_ID = /^[A-Za-z0-9_-]{1,32}$/;

const SEALED_KEY_ID = /^v1\.([A-Za-z0-9_-]{1,32})\./;

const HOW_TO =
  'Expected is a list such as k1:<base64>,k0:<base64>, each key 32 random bytes; make one with: openssl rand -base64 32';

/**
 * A keyring of 32-byte keys. Rotation: add a key, make it current, and keep the old one for as long as texts sealed
 * with it rest anywhere. Rotate before a key has sealed 2^32 texts (NIST SP 800-38D §8.3, random nonces).
 *
 * @throws RangeError if a key or key id has the wrong shape, or the current key is missing.
 */
export function createKeyring(options: { current: string; keys: Record<string, Uint8Array> }): Keyring {
  const keys = new Map(
    Object.entries(options.keys).map(([id, key]) => {
      if (!KEY_ID.test(id)) throw new RangeError('A key id is 1 to 32 letters, digits, "_" or "-".');
      if (key.length !== KEY_BYTES)
        throw new RangeError(`The key "${id}" must be exactly ${KEY_BYTES} bytes.`);
      return [id, createSecretKey(key)] as const;
    }),
  );
  const currentKeyId = options.current;
  const currentKey = keys.get(currentKeyId);
  if (currentKey === undefined) throw new RangeError('The current key is not in the keyring.');
  const digestKey = derivedKey(currentKey, 'digest');

  return {
    currentKeyId,

    seal(plaintext, context) {
      const iv = strongRandomBytes(IV_BYTES);
      const cipher = createCipheriv(ALGORITHM, currentKey, iv, { authTagLength: TAG_BYTES });
      cipher.setAAD(additionalData(context));
      const ciphertext = Buffer.concat([cipher.update(plaintext, 'utf8'), cipher.final()]);
      const parts = [iv, ciphertext, cipher.getAuthTag()].map((part) => part.toString('base64url'));
      return ['v1', currentKeyId, ...parts].join('.');
    },

    unseal(sealed, context) {
      const { keyId, iv, ciphertext, tag } = parseSealed(sealed);
      const key = keys.get(keyId);
      if (key === undefined) {
        throw new SealError(
          'SEAL_KEY_UNKNOWN',
          'The text was sealed with a key that this process does not have: add it to the keyring.',
        );
      }
      const decipher = createDecipheriv(ALGORITHM, key, iv, { authTagLength: TAG_BYTES });
      decipher.setAAD(additionalData(context));
      decipher.setAuthTag(tag);
      try {
        return Buffer.concat([decipher.update(ciphertext), decipher.final()]).toString('utf8');
      } catch {
        // The cause says no more than "unable to authenticate data".
        throw new SealError(
          'SEAL_REFUSED',
          'The sealed text was changed, was sealed with another key of the same id, or belongs to another company or column.',
        );
      }
    },

    digest: (text) => hmac(digestKey, text),
  };
}

/**
 * Reads a keyring from its text form, as it stands in the environment: `k1:<base64 of 32 bytes>,k0:<base64>`. The
 * first key is the current one, unless `currentKeyId` names another.
 *
 * @throws RangeError whose message says what is wrong and how to make a key, and repeats neither keys nor key ids: a
 * key may stand where an id was meant.
 */
export function parseKeyring(text: string, currentKeyId?: string): Keyring {
  const keys = new Map<string, Buffer>();
  const entries = text.split(',').map((entry) => entry.trim());
  for (const [index, entry] of entries.entries()) {
    const nth = `Key ${index + 1} of ${entries.length}`;
    const [id, encoded, ...rest] = entry.split(':').map((part) => part.trim());
    if (id === undefined || encoded === undefined || rest.length > 0)
      refuse(`${nth} is not of the form id:key.`);
    if (!KEY_ID.test(id)) {
      refuse(`${nth} has an id that is not 1 to 32 letters, digits, "_" or "-".`);
    }
    if (keys.has(id)) refuse(`${nth} has the id of an earlier key.`);
    keys.set(id, decodeKey(encoded) ?? refuse(`${nth} is not the base64 of exactly 32 bytes.`));
  }
  const current = currentKeyId ?? keys.keys().next().value;
  if (current === undefined || !keys.has(current))
    refuse('The key named as the current one is not in the list.');
  return createKeyring({ current, keys: Object.fromEntries(keys) });
}

/** The id of the key that a text was sealed with; undefined for a text that is not sealed. */
export function sealedKeyId(sealed: string): string | undefined {
  return SEALED_KEY_ID.exec(sealed)?.[1];
}

/** As JSON, so that no two contexts give the same bytes, whatever characters their parts contain. */
function additionalData(context: SealContext): Buffer {
  return Buffer.from(JSON.stringify([context.companyId, context.column]), 'utf8');
}

function parseSealed(sealed: string): { keyId: string; iv: Buffer; ciphertext: Buffer; tag: Buffer } {
  const [version, keyId, ivText, ciphertextText, tagText, ...rest] = sealed.split('.', 6);
  const iv = fromBase64Url(ivText);
  const ciphertext = fromBase64Url(ciphertextText);
  const tag = fromBase64Url(tagText);
  if (
    version !== 'v1' ||
    keyId === undefined ||
    !KEY_ID.test(keyId) ||
    iv?.length !== IV_BYTES ||
    ciphertext === undefined ||
    tag?.length !== TAG_BYTES ||
    rest.length > 0
  ) {
    throw new SealError('SEAL_MALFORMED', 'The text is not of the form v1.<keyId>.<iv>.<ciphertext>.<tag>.');
  }
  return { keyId, iv, ciphertext, tag };
}

/** Node skips what is not base64url; we do not, so that one sealed text has one spelling only. */
function fromBase64Url(text: string | undefined): Buffer | undefined {
  if (text === undefined) return undefined;
  const bytes = Buffer.from(text, 'base64url');
  return bytes.toString('base64url') === text ? bytes : undefined;
}

/** 32 bytes in base64 or base64url, with or without padding. */
function decodeKey(encoded: string): Buffer | undefined {
  if (!/^[A-Za-z0-9+/_-]{43}=?$/.test(encoded)) return undefined;
  return Buffer.from(encoded, 'base64');
}

function refuse(what: string): never {
  throw new RangeError(`${what} ${HOW_TO}`);
}
