import { randomFillSync } from 'node:crypto';

/** `length` bytes that cannot be guessed. An argument, so that a test can set them. */
export type RandomBytes = (length: number) => Uint8Array;

const POOL_BYTES = 8 * 1024;

const pool = Buffer.allocUnsafeSlow(POOL_BYTES);
let used = POOL_BYTES;

/**
 * From the operating system, fetched for many calls at once: an id or a nonce needs a few bytes, and a fetch costs more than
 * sealing a lead does. No byte is handed out twice.
 */
export function strongRandomBytes(length: number): Buffer {
  if (length > POOL_BYTES) return randomFillSync(Buffer.alloc(length));
  if (used + length > POOL_BYTES) {
    randomFillSync(pool);
    used = 0;
  }
  const bytes = Buffer.from(pool.subarray(used, used + length));
  used += length;
  return bytes;
}
