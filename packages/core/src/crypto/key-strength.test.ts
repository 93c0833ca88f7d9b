import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { keyWeakness } from './key-strength.ts';

describe('what vendors generate may be imported', () => {
  test.each([
    ['a UUID', '3f1c9a52-0b4e-4d7a-9c61-77e2f0a4b8d3'],
    ['a UUID in capitals', '3F1C9A52-0B4E-4D7A-9C61-77E2F0A4B8D3'],
    ['32 hexadecimal digits', '9e107d9d372bb6826bd81d3542a419d6'],
    ['40 hexadecimal digits', '2fd4e1c67a2d28fced849ee1bb76e7391b93eb12'],
    ['with a prefix', 'sk_live_hT4q9ZxPw2LmN7vBc3RkYd8s'],
    ['20 letters and digits', 'kX7pQ2mZr9TvB4nW8sLd'],
    ['Base64', 'q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQ'],
    ['Base32', 'JBSWY3DPK5XXE3DEEBUGK4TFNFZWCY3F'],
    ['a ULID', '01ARZ3NDEKTSV4RRFFQ69G5FAV'],
    ['the longest', randomBytes(384).toString('base64')],
  ])('%s', (_case, key) => {
    expect(keyWeakness(key)).toBeUndefined();
  });

  test('every UUID and every 32 hexadecimal digits', () => {
    const keys = Array.from({ length: 2_000 }, (_, n) => createHash('md5').update(`${n}`).digest('hex'));
    expect(keys.filter((key) => keyWeakness(key) !== undefined)).toEqual([]);
    const uuids = Array.from({ length: 500 }, () => randomUUID());
    expect(uuids.filter((key) => keyWeakness(key) !== undefined)).toEqual([]);
  });
});

describe('what can be guessed may not', () => {
  test.each([
    ['8 characters', 'dX7-q2Zp', /fewer than 20 characters/],
    ['19 random characters', 'kX7pQ2mZr9TvB4nW8sL', /fewer than 20 characters/],
    ['one character', 'a'.repeat(512), /guessed/],
    ['two characters', 'ababbabaabbabaababab', /guessed/],
    ['digits in order', '123456789012345678901234567890', /guessed/],
    ['hexadecimal digits in order', '0123456789abcdef0123456789abcdef', /guessed/],
    ['two sequences', 'a1b2c3d4e5f6a7b8c9d0e1f2', /guessed/],
    ['doubled digits', '11112222333344445555666677778888', /guessed/],
    ['the nil UUID', '00000000-0000-0000-0000-000000000000', /guessed/],
    ['a UUID by hand', '12345678-1234-1234-1234-123456789012', /guessed/],
    ['a word again and again', 'password-password-password', /guessed/],
    ['hexadecimal words', 'deadbeefdeadbeefdeadbeefdeadbeef', /guessed/],
    ['rows of the keyboard', 'qwertyuiopasdfghjklzxcvbnm', /guessed/],
    ['words', 'live-feed-api-key-for-acme-solar', /guessed/],
    ['words without spaces', 'correcthorsebatterystaple', /guessed/],
    ['words in capitals, and a date', 'ACME_PROD_KEY_2026_11_29_001', /guessed/],
    ['words and a year', 'AcmeSolarProductionKey2024', /guessed/],
    ['words with digits for letters', 'Sup3rS3cr3tK3yF0rAcm3S0lar!', /guessed/],
    ['words with symbols for letters', 'P@ssw0rd-Acme-Solar-2026!', /guessed/],
    ['phones', '2065550100206555010120655501022065550103', /guessed/],
  ])('%s', (_case, key, why) => {
    expect(keyWeakness(key)).toMatch(why);
    expect(keyWeakness(key)).not.toContain(key);
  });
});
