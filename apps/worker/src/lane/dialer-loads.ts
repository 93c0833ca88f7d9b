import { type DialerLoad, type GroupNamer, leadsOf, splitGroups } from '@live-feed/core/limits/dialer-load';
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

/** A lane's backlog as it is published to the ingresses. */
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
    ...splitGroups(groups, namer),
  };
}

/** Only a backlog that a lead may have to wait for is published. */
export function isWorthPublishing(load: DialerLoad): boolean {
  return load.paused || load.heldForMs > 0 || leadsOf(load) > load.maximum || load.groups.length > 1;
}

/**
 * Chooses the loads to publish: those that a lead may have to wait for, and each once more when that is over.
 *
 * @param loadsNow all loads but those of which nothing needs to be published; `also` those of these dialers
 * @returns the loads to publish this time
 */
export function createLoadFilter(
  loadsNow: (also: ReadonlySet<string>) => readonly DialerLoad[],
): () => DialerLoad[] {
  let published: ReadonlySet<string> = new Set();
  return () => {
    const publishing = loadsNow(published).filter(
      (load) => isWorthPublishing(load) || published.has(load.dialerId),
    );
    published = new Set(publishing.filter(isWorthPublishing).map(({ dialerId }) => dialerId));
    return publishing;
  };
}
