import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { createPhoneDigest } from './phone-digest.ts';

const secret = 'a secret of at least thirty-two bytes';
const digest = createPhoneDigest(secret);

describe('createPhoneDigest', () => {
  it('is the HMAC-SHA-256 of company and phone', () => {
    const expected = createHmac('sha256', secret).update('["company-a","5551234567"]').digest('hex');
    expect(digest('company-a', '5551234567')).toBe(expected);
  });

  it('is another one for another company, phone or secret', () => {
    const digests = [
      digest('company-a', '5551234567'),
      digest('company-b', '5551234567'),
      digest('company-a', '5551234568'),
      digest('company-a5', '551234567'),
      createPhoneDigest(`${secret}!`)('company-a', '5551234567'),
    ];
    expect(new Set(digests).size).toBe(digests.length);
  });

  it('takes the secret as text or as bytes', () => {
    const fromBytes = createPhoneDigest(new TextEncoder().encode(secret));
    expect(fromBytes('company-a', '5551234567')).toBe(digest('company-a', '5551234567'));
  });

  it('refuses a secret short enough to be guessed, and does not repeat it', () => {
    const attempt = () => createPhoneDigest('hunter2');
    expect(attempt).toThrow(/at least 32 bytes/);
    expect(attempt).toThrow(expect.objectContaining({ message: expect.not.stringContaining('hunter2') }));
  });
});
