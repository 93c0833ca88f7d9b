import type { DialerAddress } from '@live-feed/queue/limits/dialer-address';
import type { DialerHealth, DialerStanding } from '@live-feed/queue/limits/dialer-health';

export interface WatchedDialer {
  /** As of the last refresh; undefined if nothing is wrong or nothing is known. */
  standing(): DialerStanding | undefined;
  drop(): void;
}

/** The states of dialers. Redis is only asked by `refresh`. */
export interface DialerStandings {
  watch(address: DialerAddress): WatchedDialer;
  /** Asks about all dialers, unless the last answer is fresh. Concurrent calls share one answer. Never rejects. */
  refresh(): Promise<void>;
  close(): Promise<void>;
}

export interface DialerStandingsOptions {
  readonly health: Pick<DialerHealth, 'isTroubled' | 'describe'>;
  /** Maximum age of an answer. A failure counts as an answer, so that not every request asks a Redis in trouble. */
  readonly maxAgeMs: number;
  /** A refresh that takes longer sends no more commands; the connection limits those under way. */
  readonly limitMs: number;
  readonly onError: (error: unknown) => void;
}

/** Dialers that are asked about at once. */
const BATCH = 100;

export function createDialerStandings(options: DialerStandingsOptions): DialerStandings {
  const { health, maxAgeMs, limitMs, onError } = options;
  const watched = new Set<DialerAddress>();
  let standings: ReadonlyMap<DialerAddress, DialerStanding> = new Map();
  let looking: Promise<void> | undefined;
  let lookedAtMs = Number.NEGATIVE_INFINITY;

  async function askAll(): Promise<ReadonlyMap<DialerAddress, DialerStanding>> {
    const endsAtMs = performance.now() + limitMs;
    const found = new Map<DialerAddress, DialerStanding>();
    const addresses = [...watched];
    for (let from = 0; from < addresses.length; from += BATCH) {
      if (performance.now() > endsAtMs)
        throw new Error('Redis is too slow: the states of the dialers are not known.');
      await Promise.all(
        addresses.slice(from, from + BATCH).map(async (address) => {
          if (await health.isTroubled(address)) found.set(address, await health.describe(address));
        }),
      );
    }
    return found;
  }

  async function look(): Promise<void> {
    try {
      standings = await askAll();
    } catch (error) {
      // Showing nothing is better than showing an old state.
      standings = new Map();
      onError(error);
    }
    lookedAtMs = performance.now();
    looking = undefined;
  }

  return {
    watch(address) {
      watched.add(address);
      return { standing: () => standings.get(address), drop: () => void watched.delete(address) };
    },
    async refresh() {
      if (looking === undefined && performance.now() - lookedAtMs < maxAgeMs) return;
      looking ??= look();
      await looking;
    },
    async close() {
      await looking;
    },
  };
}
