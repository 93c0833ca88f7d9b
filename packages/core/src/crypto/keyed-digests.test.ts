import { createHash, createHmac } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { issueApiKey } from './api-key.ts';
import { createKeyedDigests } from './keyed-digests.ts';

const SECRET = 'a secret of at least thirty-two bytes';
const digests = createKeyedDigests(SECRET);
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

const PURPOSES = {
  phone: digests.phone('company', '5551234567'),
  request: digests.request('["company","5551234567"]'),
  idempotencyKey: digests.idempotencyKey('company', '5551234567'),
  importedKey: digests.apiKey('["company","5551234567"]')[0],
};

test('the same text has another digest for each purpose', () => {
  expect(new Set(Object.values(PURPOSES)).size).toBe(4);
});

test.each(Object.entries(PURPOSES))(
  '%s: 64 hex digits, and none that needs no secret',
  (_purpose, digest) => {
    expect(digest).toMatch(/^[0-9a-f]{64}$/);
    for (const text of ['["company","5551234567"]', '5551234567']) {
      expect(digest).not.toBe(sha256(text));
      for (const key of ['', 'company', '0'.repeat(64)])
        expect(digest).not.toBe(createHmac('sha256', key).update(text).digest('hex'));
    }
  },
);

test('another secret, or another company, gives other digests', () => {
  const others = createKeyedDigests(`${SECRET}!`);
  expect(others.request('x')).not.toBe(digests.request('x'));
  expect(others.idempotencyKey('company', 'x')).not.toBe(digests.idempotencyKey('company', 'x'));
  expect(digests.idempotencyKey('other', 'x')).not.toBe(digests.idempotencyKey('company', 'x'));
});

test('they are the same in the next release', () => {
  // Worked out by hand with openssl: HKDF-SHA256 without salt, then HMAC-SHA256.
  expect(digests.request('x')).toBe('d275c81004ade29c48865a5016d7982696a88eb48b60e63090915e17c2e364db');
});

describe('an API key', () => {
  test('of ours is looked up by its SHA-256', () => {
    const key = issueApiKey();
    expect(digests.apiKey(key)).toEqual([sha256(key)]);
  });

  test('that was imported is stored as a keyed digest, and also found as a former release stored it', () => {
    const key = '3f1c9a52-0b4e-4d7a-9c61-77e2f0a4b8d3';
    const [stored, former] = digests.apiKey(key);
    expect(stored).not.toBe(sha256(key));
    expect(former).toBe(sha256(key));
  });
});
