import { LRUCache } from 'lru-cache';

/** Who tries to sign in. */
export interface Attempt {
  /** See `countedAddress`. */
  readonly address: string;
  /** A user that there is; all others together are one account. */
  readonly account: string;
}

/**
 * Keeps anybody from guessing a password. Failures count for an account from an address, for all accounts from an address, and for an
 * account from everywhere. Nothing here waits for anything: between the question and the count no other attempt can be judged.
 */
export interface SignInLimit {
  /** 0 for an attempt that may be made. */
  blockedForMs(attempt: Attempt): number;
  failed(attempt: Attempt): void;
  /** Forgets the failures of this account from this address, and no others. */
  succeeded(attempt: Attempt): void;
}

export interface SignInLimitOptions {
  /** For one account from one address. Three times as many for an address, ten times as many for an account. */
  readonly failures: number;
  /** How long failures count, from the last one on. */
  readonly forMs: number;
  /** Addresses remembered at most; the least recent are forgotten first. */
  readonly addresses: number;
}

/** A hundred and fifty guesses an hour and address, and a person who mistypes does not notice. */
const DEFAULTS: SignInLimitOptions = { failures: 10, forMs: 240_000, addresses: 10_000 };

/** A person who has signed in from an address is let in from there, however many others guess, for so long. */
const KNOWN_FOR_MS = 7 * 86_400_000;

export function createSignInLimit(options: Partial<SignInLimitOptions> = {}): SignInLimit {
  const { failures, forMs, addresses } = { ...DEFAULTS, ...options };
  const counter = (limit: number) => createCounter(limit, forMs, addresses);
  const ofBoth = counter(failures);
  const ofAddress = counter(3 * failures);
  const ofAccount = counter(10 * failures);
  const known = new LRUCache<string, true>({ max: addresses, ttl: KNOWN_FOR_MS });
  const nameOf = ({ address, account }: Attempt) => JSON.stringify([address, account]);

  return {
    blockedForMs(attempt) {
      const name = nameOf(attempt);
      if (known.has(name)) return ofBoth.blockedForMs(name);
      return Math.max(
        ofBoth.blockedForMs(name),
        ofAddress.blockedForMs(attempt.address),
        ofAccount.blockedForMs(attempt.account),
      );
    },
    failed(attempt) {
      ofBoth.count(nameOf(attempt));
      ofAddress.count(attempt.address);
      ofAccount.count(attempt.account);
    },
    succeeded(attempt) {
      const name = nameOf(attempt);
      ofBoth.forget(name);
      known.set(name, true);
    },
  };
}

function createCounter(limit: number, forMs: number, max: number) {
  const counts = new LRUCache<string, number>({ max, ttl: forMs });
  return {
    blockedForMs: (name: string) =>
      (counts.get(name) ?? 0) < limit ? 0 : Math.ceil(counts.getRemainingTTL(name)),
    count(name: string) {
      counts.set(name, (counts.get(name) ?? 0) + 1);
    },
    forget(name: string) {
      counts.delete(name);
    },
  };
}
