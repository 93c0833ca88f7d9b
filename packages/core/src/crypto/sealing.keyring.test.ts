import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { parseKeyring } from './sealing.ts';

const bytes = Buffer.alloc(32, 0xfb);
const key = bytes.toString('base64');
const otherKey = randomBytes(32).toString('base64');
const context = { companyId: 'company-a', column: 'leads.payload' };

describe('parseKeyring', () => {
  it('takes the first key as the current one', () => {
    expect(parseKeyring(`k1:${key},k0:${otherKey}`).currentKeyId).toBe('k1');
  });

  it('takes the named key as the current one', () => {
    expect(parseKeyring(`k1:${key}, k0:${otherKey}`, 'k0').currentKeyId).toBe('k0');
  });

  it('reads a key the same in base64 and base64url, padded or not', () => {
    const sealed = parseKeyring(`k1:${key}`).seal('Jane Doe', context);
    for (const spelling of [key.replace('=', ''), bytes.toString('base64url')]) {
      expect(parseKeyring(` k1 : ${spelling} `).unseal(sealed, context)).toBe('Jane Doe');
    }
  });

  it.each([
    ['an empty text', '', undefined, /Key 1 of 1 is not of the form/],
    ['a key without an id', key, undefined, /Key 1 of 1 is not of the form/],
    ['a trailing comma', `k1:${key},`, undefined, /Key 2 of 2 is not of the form/],
    ['three parts', `k1:${key}:${otherKey}`, undefined, /not of the form/],
    ['a key in place of the id', `${key}:k1`, undefined, /id that is not/],
    ['an id twice', `k1:${key},k1:${otherKey}`, undefined, /id of an earlier key/],
    ['31 bytes', `k1:${Buffer.alloc(31, 0xfb).toString('base64')}`, undefined, /exactly 32 bytes/],
    ['33 bytes', `k1:${Buffer.alloc(33, 0xfb).toString('base64')}`, undefined, /exactly 32 bytes/],
    ['32 characters of no base64', `k1:${'!'.repeat(44)}`, undefined, /exactly 32 bytes/],
    ['a current key that is not there', `k1:${key}`, 'k2', /current one is not in the list/],
  ])('refuses %s, says how to make a key and shows none', (_name, text, current, message) => {
    const attempt = () => parseKeyring(text, current);
    expect(attempt).toThrow(message);
    expect(attempt).toThrow(/openssl rand -base64 32/);
    for (const secret of [key, otherKey]) {
      expect(attempt).toThrow(expect.objectContaining({ message: expect.not.stringContaining(secret) }));
    }
  });
});
