import { type DialerLoad, type GroupNamer, leadsOf, tellGroups } from '@live-feed/core/limits/dialer-load';
import type { Bucket } from '@live-feed/core/limits/rate-windows';
import type { Backlog } from './lane.ts';

/** What the uploads of a dialer are bound by. */
export interface UploadBounds {
  readonly bucket: Bucket;
  /** Uploads under way at once. */
  readonly slots: number;
  /** Leads in an upload, at most. */
  readonly maximum: number;
}

/** A lane's backlog as the ingresses are told of it. */
export function dialerLoad(
  dialerId: string,
  backlog: Backlog,
  bounds: UploadBounds,
  namer: GroupNamer,
): DialerLoad {
  const { paused, heldForMs, queued, groups, uploadMs } = backlog;
  const { bucket, slots, maximum } = bounds;
  return {
    dialerId,
    paused,
    heldForMs,
    // Whichever is slower: the permits, or the dialing system with all slots taken.
    intervalMs: Math.max(1 / bucket.ratePerMs, uploadMs / slots),
    uploadMs,
    maximum,
    queued,
    ...tellGroups(groups, namer),
  };
}

/** What nobody has to wait for is not worth a word. */
export function isWorthTelling(load: DialerLoad): boolean {
  return load.paused || load.heldForMs > 0 || leadsOf(load) > load.maximum || load.groups.length > 1;
}

/**
 * Chooses what to tell of all loads: those that somebody may have to wait for, and each once more when that is over.
 *
 * @returns what to tell this time, given all loads as they are now
 */
export function createLoadTeller(): (loads: readonly DialerLoad[]) => DialerLoad[] {
  let told = new Set<string>();
  return (loads) => {
    const telling = loads.filter((load) => isWorthTelling(load) || told.has(load.dialerId));
    told = new Set(telling.filter(isWorthTelling).map(({ dialerId }) => dialerId));
    return telling;
  };
}
