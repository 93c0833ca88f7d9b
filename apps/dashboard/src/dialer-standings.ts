import type { DialerAddress } from '@live-feed/queue/dialer-address';
import type { DialerStanding } from '@live-feed/queue/dialer-health';
import { repeat } from '@live-feed/runtime/repeat';

/** How dialers stand, as of a moment ago. */
export interface DialerStandings {
  /** @returns what ends it */
  watch(address: DialerAddress): () => void;
  /** Undefined where it has not been found out. */
  of(dialerId: string): DialerStanding | undefined;
  close(): Promise<void>;
}

export interface DialerStandingsOptions {
  readonly describe: (address: DialerAddress) => Promise<DialerStanding>;
  readonly everyMs: number;
  readonly onError: (error: unknown) => void;
}

/** Asked about together. */
const BATCH = 100;

export function watchStandings({ describe, everyMs, onError }: DialerStandingsOptions): DialerStandings {
  const watched = new Map<string, DialerAddress>();
  const standings = new Map<string, DialerStanding>();

  async function look(address: DialerAddress): Promise<void> {
    const standing = await describe(address);
    // It may have been dropped meanwhile.
    if (watched.get(address.dialerId) === address) standings.set(address.dialerId, standing);
  }

  async function lookAtAll(): Promise<void> {
    const addresses = [...watched.values()];
    for (let from = 0; from < addresses.length; from += BATCH) {
      await Promise.all(addresses.slice(from, from + BATCH).map(look));
    }
  }

  const looking = repeat(lookAtAll, everyMs, (error) => {
    // Better nothing than what was so once.
    standings.clear();
    onError(error);
  });
  return {
    watch(address) {
      watched.set(address.dialerId, address);
      return () => {
        if (watched.get(address.dialerId) !== address) return;
        watched.delete(address.dialerId);
        standings.delete(address.dialerId);
      };
    },
    of: (dialerId) => standings.get(dialerId),
    close: () => looking.stop(),
  };
}
