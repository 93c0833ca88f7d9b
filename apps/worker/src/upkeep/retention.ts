import type { Database } from '@live-feed/database/connection/client';
import { type Page, type Purged, purgeLeads, purgeUploads } from '@live-feed/database/upkeep/retention';
import {
  advanceCutoff,
  MOST_BEHIND_MS,
  type RetentionCutoff,
} from '@live-feed/database/upkeep/retention-cutoff';

/** Looked at in one go: a statement of some tens of milliseconds. */
const PAGE = 2_000;

/**
 * Forgets what is older than it has to be kept, a page at a time: final leads from the oldest on, then, having reached the end, the
 * uploads that none is left of. Then again from the oldest: what a person has settled meanwhile is final now.
 *
 * @param onCutoff called at the beginning of each round with how far it may go
 * @returns does the next page
 */
export function createRetention(
  database: Database,
  days: number,
  onCutoff: (cutoff: RetentionCutoff) => void,
): () => Promise<void> {
  let purge: (database: Database, page: Page) => Promise<Purged> = purgeLeads;
  let afterId: string | undefined;
  let beforeMs = 0;

  return async () => {
    if (purge === purgeLeads && afterId === undefined) {
      const cutoff = await advanceCutoff(database, days);
      onCutoff(cutoff);
      beforeMs = cutoff.beforeMs;
    }
    const { seen, lastId } = await purge(database, { beforeMs, afterId, limit: PAGE });
    if (seen === PAGE && lastId !== null) {
      afterId = lastId;
    } else {
      afterId = undefined;
      purge = purge === purgeLeads ? purgeUploads : purgeLeads;
    }
  };
}

/** Too far behind to go on without a person. */
export function isStopped({ behindMs }: RetentionCutoff): boolean {
  return behindMs > MOST_BEHIND_MS;
}
