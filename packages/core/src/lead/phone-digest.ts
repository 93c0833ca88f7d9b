import { createHmac, createSecretKey } from 'node:crypto';

/** The HMAC-SHA-256 by which a company's phone is found without being stored readably: 64 hex digits. */
export type PhoneDigest = (companyId: string, phone: string) => string;

const MIN_SECRET_BYTES = 32;

/**
 * Keyed, since all ten billion phones could be hashed in minutes; and per company, so that nobody can see that two
 * companies hold the same phone. The secret cannot be rotated without losing what was found by it.
 *
 * @param secret At least 32 bytes (of UTF-8, if a string).
 * @throws RangeError if the secret is shorter.
 */
export function createPhoneDigest(secret: string | Uint8Array): PhoneDigest {
  const bytes = Buffer.from(secret);
  if (bytes.length < MIN_SECRET_BYTES) {
    throw new RangeError(
      `The secret of the phone digest must have at least ${MIN_SECRET_BYTES} bytes; make one with: openssl rand -base64 32`,
    );
  }
  const key = createSecretKey(bytes);
  return (companyId, phone) =>
    createHmac('sha256', key)
      .update(JSON.stringify([companyId, phone]))
      .digest('hex');
}
