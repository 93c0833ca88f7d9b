import { z } from 'zod';
import { createKeyedDigests, type KeyedDigests } from './keyed-digests.ts';
import { type Keyring, parseKeyring } from './sealing.ts';

/**
 * Secrets as they stand in a process's environment: a process that reads them with these does not start on a missing or malformed
 * one. Their messages say what is expected and never repeat what was given.
 */

/** Encryption keys for data at rest: `k1:<base64 of 32 bytes>,k0:<base64>`. The first encrypts, all decrypt. */
export function keyringSchema() {
  return secret('must be a list such as k1:<base64 of 32 random bytes>', parseKeyring);
}

/** What everything is digested with that could be guessed. */
export function digestsSchema() {
  return secret('must be a secret of at least 32 bytes', createKeyedDigests);
}

function secret<Value extends Keyring | KeyedDigests>(expected: string, read: (given: string) => Value) {
  return z.string({ error: expected }).transform((given, context) => {
    try {
      return read(given);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      context.addIssue({ code: 'custom', message: `${expected}: ${error.message}` });
      return z.NEVER;
    }
  });
}
