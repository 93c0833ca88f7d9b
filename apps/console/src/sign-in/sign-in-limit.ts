import { LRUCache } from 'lru-cache';

/** One attempt to sign in. */
export interface Attempt {
  /** See `countedAddress`. */
  readonly address: string;
  /** A person's id, or what stands for an unknown name. */
  readonly account: string;
}

/**
 * Limits guesses of passwords. They are counted per account and address, per address, and per account. All methods are synchronous: an
 * attempt counts as a failure from the moment it is allowed, so no others are judged while its password is checked.
 */
export interface SignInLimit {
  /** 0 if the attempt is allowed. */
  blockedForMs(attempt: Attempt): number;
  /** Counts as a failure until it succeeds, or is taken back. */
  begin(attempt: Attempt): void;
  /** It was no failure, but nobody is signed in yet: former failures still count. */
  takeBack(attempt: Attempt): void;
  /** Forgets the failures of this account from this address, and no others but this attempt. */
  succeeded(attempt: Attempt): void;
}

export interface SignInLimitOptions {
  /** Maximum per account and address. An address may have three times, an account ten times as many. */
  readonly failures: number;
  /** How long failures count after the last one. */
  readonly forMs: number;
  /** Maximum number of remembered addresses; the least recently used are removed first. */
  readonly addresses: number;
}

/** At most 150 guesses per hour and address; a person who mistypes does not notice. */
const DEFAULTS: SignInLimitOptions = { failures: 10, forMs: 240_000, addresses: 10_000 };

/** Other clients' guesses do not block an account at an address from which it signed in within this time. */
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
    begin(attempt) {
      ofBoth.count(nameOf(attempt));
      ofAddress.count(attempt.address);
      ofAccount.count(attempt.account);
    },
    takeBack(attempt) {
      ofBoth.takeBack(nameOf(attempt));
      ofAddress.takeBack(attempt.address);
      ofAccount.takeBack(attempt.account);
    },
    succeeded(attempt) {
      const name = nameOf(attempt);
      ofBoth.forget(name);
      ofAddress.takeBack(attempt.address);
      ofAccount.takeBack(attempt.account);
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
    takeBack(name: string) {
      const count = counts.get(name);
      // The others count for as long as they would have.
      if (count !== undefined) counts.set(name, count - 1, { noUpdateTTL: true });
    },
    forget(name: string) {
      counts.delete(name);
    },
  };
}
