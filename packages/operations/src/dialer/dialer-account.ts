import { setTimeout as pause } from 'node:timers/promises';
import { type Keyring, SealError } from '@live-feed/core/crypto/sealing';
import type { RateWindow } from '@live-feed/core/directory/dialer-settings';
import { bucketFor } from '@live-feed/core/limits/rate-windows';
import type { DialerRecord } from '@live-feed/database/directory/lookups';
import { openCredential } from '@live-feed/dialers/credential';
import type { DialerFamily } from '@live-feed/dialers/family';
import type { DialerAccount } from '@live-feed/dialers/lead-loader';
import { dialerAddress, type Operation } from '@live-feed/queue/limits/dialer-address';
import { createPermits } from '@live-feed/queue/limits/permits';
import type { Context } from '../operation.ts';
import { Refusal } from '../refusal.ts';

/** Its account with the credential opened. @throws Refusal if it has none that can be used */
export function accountOf(keyring: Keyring, dialer: DialerRecord, family: DialerFamily): DialerAccount {
  const { baseUrl, accountId } = dialer;
  const what = family.signIn === undefined ? 'API token' : 'API token and no JWT credential';
  try {
    const credential = openCredential(family, dialer, keyring);
    if (credential !== undefined) return { baseUrl, accountId, credential };
  } catch (error) {
    if (!(error instanceof SealError)) throw error;
    throw new Refusal(
      `The dialer's API token or JWT credential cannot be decrypted (${error.code}): SEAL_KEYS lacks its key, or it was changed.`,
      { cause: error, see: { operation: 'dialer.set', to: 'Set it again' } },
    );
  }
  throw new Refusal(`The dialer has no ${what}.`, { see: { operation: 'dialer.set', to: 'Set one' } });
}

const PERMIT_LIMIT_MS = 15_000;

/**
 * The request counts against the account's rate limits like any other, so that workers are not throttled because of it.
 *
 * @throws Refusal if there is none within 15 s, or nobody waits any more
 */
export async function waitForPermit(
  { redis, signal }: Pick<Context, 'redis' | 'signal'>,
  dialer: DialerRecord,
  operation: Operation,
  windows: readonly RateWindow[],
): Promise<void> {
  const permits = createPermits(await redis(), operation);
  const bucket = bucketFor(windows);
  const giveUpAt = performance.now() + PERMIT_LIMIT_MS;
  for (;;) {
    const answer = await permits.take(dialerAddress(dialer), bucket);
    if (answer.kind === 'granted') return;
    if (performance.now() + answer.waitMs > giveUpAt || signal.aborted) {
      throw new Refusal('There was no permit: the rate limit of this account is used up. Try again.', {
        kind: 'unavailable',
      });
    }
    await pause(answer.waitMs);
  }
}
