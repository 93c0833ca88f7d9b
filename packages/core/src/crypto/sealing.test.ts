import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createKeyring, SealError, type SealErrorCode, sealedKeyId } from './sealing.ts';

const k0 = randomBytes(32);
const k1 = randomBytes(32);
const context = { companyId: 'company-a', column: 'leads.payload' };
const keyring = createKeyring({ current: 'k1', keys: { k1, k0 } });

function codeOf(attempt: () => unknown): SealErrorCode | undefined {
  try {
    attempt();
  } catch (error) {
    if (error instanceof SealError) return error.code;
    throw error;
  }
  return undefined;
}

describe('a keyring', () => {
  it('unseals what it sealed', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme' }),
        fc.string(),
        fc.string(),
        (plaintext, companyId, column) => {
          const sealed = keyring.seal(plaintext, { companyId, column });
          expect(keyring.unseal(sealed, { companyId, column })).toBe(plaintext);
        },
      ),
    );
  });

  it('writes v1.<keyId>.<iv>.<ciphertext>.<tag> in base64url', () => {
    const sealed = keyring.seal('Jane Doe', context);
    expect(sealed).toMatch(/^v1\.k1\.[\w-]{16}\.[\w-]{11}\.[\w-]{22}$/);
  });

  it('never seals one text the same way twice', () => {
    const sealed = Array.from({ length: 100 }, () => keyring.seal('Jane Doe', context));
    expect(new Set(sealed).size).toBe(100);
  });

  it.each([
    ['another company', { ...context, companyId: 'company-b' }],
    ['another column', { ...context, column: 'dialers.permanent_token' }],
    ['a context whose parts join to the same text', { companyId: 'company-', column: 'aleads.payload' }],
    [
      'a context that quotes its way into the other part',
      { companyId: 'company-a","leads.payload', column: '' },
    ],
  ])('refuses a text moved to %s', (_name, elsewhere) => {
    const sealed = keyring.seal('Jane Doe', context);
    expect(codeOf(() => keyring.unseal(sealed, elsewhere))).toBe('SEAL_REFUSED');
  });

  it.each([
    ['version', 0, 'SEAL_MALFORMED'],
    ['key id', 1, 'SEAL_KEY_UNKNOWN'],
    ['iv', 2, 'SEAL_REFUSED'],
    ['ciphertext', 3, 'SEAL_REFUSED'],
    ['tag', 4, 'SEAL_REFUSED'],
  ])('refuses a change of the first character of the %s', (_name, index, code) => {
    const parts = keyring.seal('Jane Doe', context).split('.');
    parts[index] = (parts[index] ?? '').replace(/^./, (first) => (first === 'A' ? 'B' : 'A'));
    expect(codeOf(() => keyring.unseal(parts.join('.'), context))).toBe(code);
  });

  it('refuses any change of any one character', () => {
    const sealed = keyring.seal('Jane Doe', context);
    const position = fc.nat({ max: sealed.length - 1 });
    fc.assert(
      fc.property(position, fc.string({ minLength: 1, maxLength: 1 }), (at, replacement) => {
        fc.pre(sealed[at] !== replacement);
        const changed = sealed.slice(0, at) + replacement + sealed.slice(at + 1);
        expect(codeOf(() => keyring.unseal(changed, context))).toBeDefined();
      }),
      { numRuns: 500 },
    );
  });

  it('refuses the id of another key that it has', () => {
    const sealed = keyring.seal('Jane Doe', context);
    expect(codeOf(() => keyring.unseal(sealed.replace('v1.k1.', 'v1.k0.'), context))).toBe('SEAL_REFUSED');
  });

  it.each([
    ['empty', ''],
    ['plaintext', 'Jane Doe'],
    ['a version to come', 'v2.k1.AAAAAAAAAAAAAAAA.AAAA.AAAAAAAAAAAAAAAAAAAAAA'],
    ['a part too few', 'v1.k1.AAAAAAAAAAAAAAAA.AAAAAAAAAAAAAAAAAAAAAA'],
    ['a part too many', 'v1.k1.AAAAAAAAAAAAAAAA.AAAA.AAAAAAAAAAAAAAAAAAAAAA.AAAA'],
    ['a short tag', 'v1.k1.AAAAAAAAAAAAAAAA.AAAA.AAAAAA'],
    ['a short iv', 'v1.k1.AAAA.AAAA.AAAAAAAAAAAAAAAAAAAAAA'],
    ['base64 padding', 'v1.k1.AAAAAAAAAAAAAAAA.AAA=.AAAAAAAAAAAAAAAAAAAAAA'],
    ['unused bits set', 'v1.k1.AAAAAAAAAAAAAAAA.AAAA.AAAAAAAAAAAAAAAAAAAAAB'],
    ['a key id of a prototype', 'v1.__proto__!.AAAAAAAAAAAAAAAA.AAAA.AAAAAAAAAAAAAAAAAAAAAA'],
  ])('finds malformed: %s', (_name, text) => {
    expect(codeOf(() => keyring.unseal(text, context))).toBe('SEAL_MALFORMED');
  });

  it('after a rotation opens the old texts and seals with the new key', () => {
    const before = createKeyring({ current: 'k0', keys: { k0 } });
    const after = createKeyring({ current: 'k1', keys: { k1, k0 } });
    const finished = createKeyring({ current: 'k1', keys: { k1 } });
    const old = before.seal('Jane Doe', context);

    expect(after.unseal(old, context)).toBe('Jane Doe');
    expect(after.seal('Jane Doe', context)).toMatch(/^v1\.k1\./);
    expect(codeOf(() => finished.unseal(old, context))).toBe('SEAL_KEY_UNKNOWN');
  });

  it.each([
    ['a short key', { current: 'k', keys: { k: randomBytes(31) } }],
    ['a current key that it lacks', { current: 'k', keys: { k1 } }],
    ['a key id with a dot', { current: 'k.1', keys: { 'k.1': k1 } }],
  ])('is not made of %s', (_name, options) => {
    expect(() => createKeyring(options)).toThrow(RangeError);
  });
});

describe('sealedKeyId', () => {
  it('names the key, without the key', () => {
    expect(sealedKeyId(keyring.seal('text', context))).toBe('k1');
  });

  it.each(['', 'text', 'v1.k1', 'v2.k1.iv.text.tag', `v1.${'k'.repeat(33)}.iv.text.tag`])(
    'of nothing: %s',
    (text) => {
      expect(sealedKeyId(text)).toBeUndefined();
    },
  );
});
