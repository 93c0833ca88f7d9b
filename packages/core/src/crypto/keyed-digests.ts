import { createHmac, createSecretKey, hkdfSync, type KeyObject } from 'node:crypto';
import { createPhoneDigest, type PhoneDigest } from '../lead/phone-digest.ts';
import { checkApiKey, digestApiKey } from './api-key.ts';

/**
 * Digests of what could be guessed: whoever reads the tables or Redis, and does not have the secret, cannot try names and phones
 * until one fits. Each purpose has a key of its own, derived from the secret, so no digest of one can be taken for one of another.
 * All are 64 lower-case hex digits.
 */
export interface KeyedDigests {
  readonly phone: PhoneDigest;
  /** @param parts see `requestParts` */
  request(parts: string): string;
  /** Of an `Idempotency-Key`: people may choose a date or an order number. */
  idempotencyKey(companyId: string, key: string): string;
  /**
   * What an API key is looked up by. A key of ours has 178 random bits, and its SHA-256 tells nothing. An imported key may be weaker;
   * the second digest is what a release before this one stored of it.
   *
   * @returns first, the digest that is stored
   */
  apiKey(text: string): readonly [stored: string, ...former: string[]];
}

const KEY_BYTES = 32;

/**
 * @param secret At least 32 bytes (of UTF-8, if a string).
 * @throws RangeError if the secret is shorter.
 */
export function createKeyedDigests(secret: string | Uint8Array): KeyedDigests {
  const phone = createPhoneDigest(secret);
  const keyFor = (purpose: string) => derivedKey(Buffer.from(secret), purpose);
  const requests = keyFor('request');
  const idempotencyKeys = keyFor('idempotency key');
  const apiKeys = keyFor('imported API key');
  return {
    phone,
    request: (parts) => hmac(requests, parts),
    idempotencyKey: (companyId, key) => hmac(idempotencyKeys, JSON.stringify([companyId, key])),
    apiKey(text) {
      const plain = digestApiKey(text);
      return checkApiKey(text) === 'valid' ? [plain] : [hmac(apiKeys, text), plain];
    },
  };
}

/** HKDF-SHA-256 (RFC 5869) without a salt. @param purpose keeps the keys of one secret apart */
export function derivedKey(secret: Uint8Array | KeyObject, purpose: string): KeyObject {
  return createSecretKey(Buffer.from(hkdfSync('sha256', secret, '', `live-feed ${purpose}`, KEY_BYTES)));
}

export function hmac(key: KeyObject, text: string): string {
  return createHmac('sha256', key).update(text, 'utf8').digest('hex');
}
