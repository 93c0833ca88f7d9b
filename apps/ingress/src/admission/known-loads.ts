import type { DialerLoad } from '@live-feed/core/limits/dialer-load';
import type { LeadGroup } from '@live-feed/core/limits/wait-forecast';
import { LRUCache } from 'lru-cache';

/** What the lanes have told of their dialers lately, and what this process has added since. */
export interface KnownLoads {
  note(loads: readonly DialerLoad[]): void;
  /** Undefined where nobody has told anything lately: nobody waits there, or nobody serves it. */
  find(dialerId: string): KnownLoad | undefined;
}

export interface KnownLoad {
  readonly load: DialerLoad;
  /** Since it was told, milliseconds. */
  readonly ageMs: number;
  /** Leads that this process has added since, in all and of one group. */
  readonly added: number;
  addedTo(lead: LeadGroup): number;
  add(lead: LeadGroup): void;
}

/** A dead worker's lanes are taken over within 4 s, and then told of again. */
const KEEP_MS = 6_000;
const MOST_DIALERS = 10_000;

export function createKnownLoads(): KnownLoads {
  const known = new LRUCache<string, KnownLoad>({ max: MOST_DIALERS, ttl: KEEP_MS });
  return {
    note(loads) {
      for (const load of loads) known.set(load.dialerId, knownLoad(load));
    },
    find: (dialerId) => known.get(dialerId),
  };
}

function knownLoad(load: DialerLoad): KnownLoad {
  const toldAt = performance.now();
  const addedTo = new Map<string, number>();
  const nameOf = ({ campaignId, group }: LeadGroup) => `${campaignId} ${group}`;
  let added = 0;
  return {
    load,
    get ageMs() {
      return performance.now() - toldAt;
    },
    get added() {
      return added;
    },
    addedTo: (lead) => addedTo.get(nameOf(lead)) ?? 0,
    add(lead) {
      added += 1;
      addedTo.set(nameOf(lead), (addedTo.get(nameOf(lead)) ?? 0) + 1);
    },
  };
}
