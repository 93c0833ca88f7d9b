import type { Clock } from '@live-feed/core/clock';
import type { Database } from '@live-feed/database/client';
import { type Page, type Purged, purgeLeads, purgeUploads } from '@live-feed/database/retention';

/** Looked at in one go: a statement of some tens of milliseconds. */
const PAGE = 2_000;
const DAY_MS = 86_400_000;

/**
 * Forgets what is older than it has to be kept, a page at a time: final leads from the oldest on, then, having reached the end, the
 * uploads that none is left of. Then again from the oldest: what a person has settled meanwhile is final now.
 *
 * @returns does the next page
 */
export function createRetention(database: Database, days: number, clock: Clock): () => Promise<void> {
  let purge: (database: Database, page: Page) => Promise<Purged> = purgeLeads;
  let afterId: string | undefined;

  return async () => {
    const beforeMs = clock.now() - days * DAY_MS;
    const { seen, lastId } = await purge(database, { beforeMs, afterId, limit: PAGE });
    if (seen === PAGE && lastId !== null) {
      afterId = lastId;
    } else {
      afterId = undefined;
      purge = purge === purgeLeads ? purgeUploads : purgeLeads;
    }
  };
}
