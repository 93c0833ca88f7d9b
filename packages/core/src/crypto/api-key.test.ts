import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkApiKey, digestApiKey, hintOf, issueApiKey, isTestKey } from './api-key.ts';

/** Random bytes that are all one value, then all zero: for what happens after a value was turned down. */
function first(value: number): (length: number) => Uint8Array {
  let calls = 0;
  return (length) => new Uint8Array(length).fill(calls++ === 0 ? value : 0);
}

const zeros = `oiq_${'0'.repeat(30)}`;

describe('issueApiKey', () => {
  it('is oiq_, 30 base62 characters and the checksum of those 34 characters', () => {
    // crc32('oiq_000000000000000000000000000000') = 357339833, whose digits in base 62 are 24, 11, 22, 25, 43.
    expect(issueApiKey(first(0))).toBe(`${zeros}0OBMPh`);
  });

  it('shows in its prefix that a key is for tests', () => {
    const key = issueApiKey(first(0), 'test');
    expect(key).toMatch(/^oiq_test_0{30}[0-9A-Za-z]{6}$/);
    expect([checkApiKey(key), isTestKey(key)]).toEqual(['valid', true]);
    expect(isTestKey(issueApiKey())).toBe(false);
  });

  it('draws every character with the same chance: bytes that would favour some are drawn again', () => {
    expect(issueApiKey(first(247))).toMatch(/^oiq_z{30}/);
    expect(issueApiKey(first(248))).toBe(issueApiKey(first(0)));
  });

  it('issues valid keys, each another one', () => {
    const keys = Array.from({ length: 1_000 }, () => issueApiKey());
    expect(new Set(keys).size).toBe(keys.length);
    expect(keys.filter((key) => checkApiKey(key) !== 'valid')).toEqual([]);
  });
});

describe('checkApiKey', () => {
  const key = issueApiKey();

  it.each([
    ['one of ours', key, 'valid'],
    ['ours, cut', key.slice(0, -1), 'malformed'],
    ['ours, with a character more', `${key}0`, 'malformed'],
    ['ours, with a line break', `${key}\n`, 'malformed'],
    ['ours, with a character outside base62', key.replace(/^oiq_./, 'oiq_-'), 'malformed'],
    ['the bare prefix', 'oiq_', 'malformed'],
    ['a test key without its mark', issueApiKey(undefined, 'test').replace('test_', ''), 'malformed'],
    ['a key with the mark of a test key', key.replace('oiq_', 'oiq_test_'), 'malformed'],
    ['a checksum without its padding', zeros, 'malformed'],
    ['a key of another shape', 'legacy-key-1', 'foreign'],
    ['a key with our prefix in upper case', key.toUpperCase(), 'foreign'],
    ['8 characters', '12345678', 'foreign'],
    ['7 characters', '1234567', 'malformed'],
    ['512 characters', 'k'.repeat(512), 'foreign'],
    ['513 characters', 'k'.repeat(513), 'malformed'],
    ['a space inside', 'legacy key 1', 'malformed'],
    ['a letter outside ASCII', 'legacy-k\u00e9y-1', 'malformed'],
    ['nothing', '', 'malformed'],
  ])('%s', (_name, text, expected) => {
    expect(checkApiKey(text)).toBe(expected);
  });

  it('sees any one mistyped character', () => {
    fc.assert(
      fc.property(fc.integer({ min: 4, max: 39 }), fc.stringMatching(/^[0-9A-Za-z]$/), (at, typed) => {
        fc.pre(key[at] !== typed);
        expect(checkApiKey(key.slice(0, at) + typed + key.slice(at + 1))).toBe('malformed');
      }),
    );
  });

  it('sees two neighbours exchanged', () => {
    for (let at = 4; at < key.length - 1; at++) {
      const exchanged = key.slice(0, at) + key.charAt(at + 1) + key.charAt(at) + key.slice(at + 2);
      if (exchanged !== key) expect(checkApiKey(exchanged)).toBe('malformed');
    }
  });
});

it('digests a key to its SHA-256', () => {
  // The first example of FIPS 180-2, appendix B.1.
  expect(digestApiKey('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
});

it('shows the last two characters of a key as its hint, whatever key it is', () => {
  expect(hintOf('legacy-key-1234')).toBe('34');
});
