import { within } from '@live-feed/core/within';
import type { DialerAddress } from '@live-feed/queue/limits/dialer-address';
import type { DialerStop } from '@live-feed/queue/limits/dialer-stops';
import { LRUCache } from 'lru-cache';

/** Whether a dialer is paused or held. Lanes report that as well, but only while leads wait. */
export interface KnownStops {
  /** Undefined if Redis does not answer in time: adding the lead's job shows what is wrong with Redis. */
  of(address: DialerAddress): Promise<DialerStop | undefined>;
}

/** A busy dialer costs ten reads a second, and a hold takes effect within a tenth of a second. */
const KEEP_MS = 100;
const LIMIT_MS = 500;
const MOST_DIALERS = 10_000;

/** Requests that arrive together share one read. */
export function createKnownStops(look: (address: DialerAddress) => Promise<DialerStop>): KnownStops {
  const looks = new LRUCache<string, Promise<DialerStop | undefined>>({ max: MOST_DIALERS, ttl: KEEP_MS });
  return {
    of(address) {
      const known = looks.get(address.dialerId);
      if (known !== undefined) return known;
      const asked = within(look(address), LIMIT_MS, () => undefined).catch(() => undefined);
      looks.set(address.dialerId, asked);
      return asked;
    },
  };
}
