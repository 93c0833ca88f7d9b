import type { DialerAddress } from '@live-feed/queue/limits/dialer-address';
import type { DialerStop } from '@live-feed/queue/limits/dialer-stops';
import { LRUCache } from 'lru-cache';
import { inTime } from '../outcome/in-time.ts';

/** Whether a dialer is paused or held. Lanes tell that as well, but only where leads wait already. */
export interface KnownStops {
  /** Undefined where that cannot be found out in time: the lead's own way says what is wrong with Redis. */
  of(address: DialerAddress): Promise<DialerStop | undefined>;
}

/** A tenth of a second: a busy dialer costs ten looks a second, and a hold counts from the next lead on. */
const KEEP_MS = 100;
const LIMIT_MS = 500;
const MOST_DIALERS = 10_000;

/** Requests that ask at the same time share one look. */
export function createKnownStops(look: (address: DialerAddress) => Promise<DialerStop>): KnownStops {
  const looks = new LRUCache<string, Promise<DialerStop | undefined>>({ max: MOST_DIALERS, ttl: KEEP_MS });
  return {
    of(address) {
      const known = looks.get(address.dialerId);
      if (known !== undefined) return known;
      const asked = inTime(look(address), LIMIT_MS);
      looks.set(address.dialerId, asked);
      return asked;
    },
  };
}
