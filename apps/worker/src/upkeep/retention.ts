import { purgeAudit } from '@live-feed/database/audit/audit-log';
import type { Database } from '@live-feed/database/connection/client';
import { type Page, type Purged, purgeLeads, purgeUploads } from '@live-feed/database/upkeep/retention';
import {
  advanceCutoff,
  MOST_BEHIND_MS,
  type RetentionCutoff,
} from '@live-feed/database/upkeep/retention-cutoff';

/** Looked at in one go: a statement of some tens of milliseconds. */
const PAGE = 2_000;

const DAY_MS = 86_400_000;

/** How many days something is kept. */
export interface RetentionDays {
  readonly leads: number;
  readonly audit: number;
}

/**
 * Forgets what is older than it has to be kept, a page at a time: final leads from the oldest on, then, having reached the end, the
 * uploads that none is left of. Then again from the oldest: what a person has settled meanwhile is final now. At the beginning of each
 * round a page of the audit log goes, too, by the same cutoff.
 *
 * @param onCutoff called at the beginning of each round with how far it may go
 * @returns does the next page
 */
export function createRetention(
  database: Database,
  days: RetentionDays,
  onCutoff: (cutoff: RetentionCutoff) => void,
): () => Promise<void> {
  let purge: (database: Database, page: Page) => Promise<Purged> = purgeLeads;
  let afterId: string | undefined;
  let beforeMs = 0;

  return async () => {
    if (purge === purgeLeads && afterId === undefined) {
      const cutoff = await advanceCutoff(database, days.leads);
      onCutoff(cutoff);
      beforeMs = cutoff.beforeMs;
      await purgeAudit(database, new Date(beforeMs + (days.leads - days.audit) * DAY_MS), PAGE);
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
