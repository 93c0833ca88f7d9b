import type { DialerLoad, GroupId } from '@live-feed/core/limits/dialer-load';
import { LRUCache } from 'lru-cache';

/** What the lanes have reported of their dialers lately, and what this process has added since. */
export interface KnownLoads {
  note(loads: readonly DialerLoad[]): void;
  /** Undefined without a recent report: no lead waits there, or no worker serves it. */
  find(dialerId: string): KnownLoad | undefined;
}

export interface KnownLoad {
  readonly load: DialerLoad;
  /** Age of the report, milliseconds. */
  readonly ageMs: number;
  /** Leads that this process has added since the report, of all groups. */
  readonly added: number;
  addedTo(lead: GroupId): number;
  add(lead: GroupId): void;
}

/** Another worker takes a dead worker's lanes over within 4 s, and reports again. */
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
  const reportedAt = performance.now();
  const addedTo = new Map<string, number>();
  const nameOf = ({ campaignId, group }: GroupId) => `${campaignId} ${group}`;
  let added = 0;
  return {
    load,
    get ageMs() {
      return performance.now() - reportedAt;
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
