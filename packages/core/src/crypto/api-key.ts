import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { type RandomBytes, strongRandomBytes } from './random-bytes.ts';

/** What a key opens: the live feed takes `universal`, and `test`, with which every request is a dry run. */
export const API_KEY_TYPES = ['universal', 'test', 'reporting'] as const;

/** Says whose key it is wherever it turns up: secret scanners look for such prefixes. */
const PREFIX = 'oiq_';
/** The same of a test key, which changes nothing. */
const TEST_PREFIX = `${PREFIX}test_`;
/** The same of a key of the admin API. */
const ADMIN_PREFIX = `${PREFIX}admin_`;
const SECRET_LENGTH = 30;
const CHECKSUM_LENGTH = 6;

const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
/** The largest multiple of 62 that a byte can be under: bytes from here on would favour the first characters. */
const FAIR_BYTES = 248;

const ADMIN_SHAPE = /^oiq_admin_[0-9A-Za-z]{36}$/;
const OUR_SHAPE = /^oiq_(?:test_)?[0-9A-Za-z]{36}$/;
/** Keys that callers held before us. Looked up if 8 to 512 visible ASCII characters; what may be imported is decided in `key-strength.ts`. */
const FOREIGN_SHAPE = /^[\x21-\x7e]{8,512}$/;

/**
 * What can be told of a key without asking the database:
 * - `valid`: ours, and its checksum is right;
 * - `foreign`: not ours, but it may be a key that was imported;
 * - `malformed`: no key at all, or ours and mistyped or cut. Refused before any query.
 */
export type ApiKeyShape = 'valid' | 'foreign' | 'malformed';

/**
 * A new API key: `oiq_`, or `oiq_test_` for one of type `test`, 30 random base62 characters (178 bits), then 6 of checksum: the CRC-32 of
 * the characters before it as a base62 number, digits before upper before lower case, padded with `0` on the left.
 */
export function issueApiKey(random: RandomBytes = strongRandomBytes, type = 'universal'): string {
  return withSecret(type === 'test' ? TEST_PREFIX : PREFIX, random);
}

/** A new key of the admin API: `oiq_admin_`, then as in {@link issueApiKey}. */
export function issueAdminKey(random: RandomBytes = strongRandomBytes): string {
  return withSecret(ADMIN_PREFIX, random);
}

/** Whether the text can be a key of the admin API: what cannot is refused before any query. */
export function isAdminKey(text: string): boolean {
  return ADMIN_SHAPE.test(text) && hasChecksum(text);
}

function withSecret(prefix: string, random: RandomBytes): string {
  const body = prefix + randomBase62(SECRET_LENGTH, random);
  return body + checksum(body);
}

/** Whether a key of ours was issued as a test key. */
export function isTestKey(text: string): boolean {
  return text.startsWith(TEST_PREFIX);
}

/** See {@link ApiKeyShape}. One mistyped character in a key of ours is always seen: CRC-32 misses no error this short. */
export function checkApiKey(text: string): ApiKeyShape {
  if (!text.startsWith(PREFIX)) return FOREIGN_SHAPE.test(text) ? 'foreign' : 'malformed';
  return OUR_SHAPE.test(text) && hasChecksum(text) ? 'valid' : 'malformed';
}

function hasChecksum(text: string): boolean {
  return checksum(text.slice(0, -CHECKSUM_LENGTH)) === text.slice(-CHECKSUM_LENGTH);
}

/** The SHA-256 of a key of ours, which is stored and looked up instead: 64 hex digits. Of other keys see `KeyedDigests.apiKey`. */
export function digestApiKey(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('hex');
}

/** The last two characters, by which people tell their keys apart: no more than 13 bits of the key. */
export function hintOf(text: string): string {
  return text.slice(-2);
}

function checksum(body: string): string {
  let rest = crc32(Buffer.from(body, 'utf8'));
  let text = '';
  for (; rest > 0; rest = Math.floor(rest / BASE62.length)) text = BASE62.charAt(rest % BASE62.length) + text;
  return text.padStart(CHECKSUM_LENGTH, '0');
}

function randomBase62(length: number, random: RandomBytes): string {
  let text = '';
  while (text.length < length) {
    for (const byte of random(length - text.length)) {
      if (byte < FAIR_BYTES) text += BASE62.charAt(byte % BASE62.length);
    }
  }
  return text;
}
