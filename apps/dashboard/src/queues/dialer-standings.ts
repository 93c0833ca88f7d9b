import type { DialerAddress } from '@live-feed/queue/limits/dialer-address';
import type { DialerHealth, DialerStanding } from '@live-feed/queue/limits/dialer-health';

export interface WatchedDialer {
  /** As of the last refresh; undefined where there is nothing to tell, or it has not been found out. */
  standing(): DialerStanding | undefined;
  drop(): void;
}

/** How dialers stand. Nothing is asked unless somebody wants to know. */
export interface DialerStandings {
  watch(address: DialerAddress): WatchedDialer;
  /** Asks about all of them, unless that was done a moment ago; whoever comes meanwhile waits for the same answer. Never rejects. */
  refresh(): Promise<void>;
  close(): Promise<void>;
}

export interface DialerStandingsOptions {
  readonly health: Pick<DialerHealth, 'isTroubled' | 'describe'>;
  /** How old an answer may be. One that failed counts too, lest a Redis in trouble be asked by every request. */
  readonly maxAgeMs: number;
  /** A refresh that has taken longer asks nothing more. What it has asked has the connection's own limit. */
  readonly limitMs: number;
  readonly onError: (error: unknown) => void;
}

/** Asked about together. */
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
      if (performance.now() > endsAtMs) throw new Error('Redis is too slow to tell how the dialers stand.');
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
      // Better nothing than what was so once.
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
