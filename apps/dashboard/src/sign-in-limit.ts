import { LRUCache } from 'lru-cache';

/** Keeps anybody from guessing a password: after some failures an address is not listened to for a while. */
export interface SignInLimit {
  /** 0 for an address that may try. */
  blockedForMs(address: string): number;
  failed(address: string): void;
  succeeded(address: string): void;
}

export interface SignInLimitOptions {
  readonly failures: number;
  /** How long failures count, and an address is blocked, from the last failure on. */
  readonly forMs: number;
  /** Addresses remembered at most; the least recent failures are forgotten first. */
  readonly addresses: number;
}

/** A hundred and fifty guesses an hour and address, and a person who mistypes does not notice. */
const DEFAULTS: SignInLimitOptions = { failures: 10, forMs: 240_000, addresses: 10_000 };

export function createSignInLimit(options: Partial<SignInLimitOptions> = {}): SignInLimit {
  const { failures, forMs, addresses } = { ...DEFAULTS, ...options };
  const failed = new LRUCache<string, number>({ max: addresses, ttl: forMs });
  return {
    blockedForMs: (address) =>
      (failed.get(address) ?? 0) < failures ? 0 : Math.ceil(failed.getRemainingTTL(address)),
    failed(address) {
      failed.set(address, (failed.get(address) ?? 0) + 1);
    },
    succeeded(address) {
      failed.delete(address);
    },
  };
}
