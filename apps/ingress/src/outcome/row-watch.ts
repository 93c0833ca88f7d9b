import type { Database } from '@live-feed/database/connection/client';
import { findSettledLeads, outcomeOf } from '@live-feed/database/leads/lead-rows';
import type { WaitingCallers } from './waiting-callers.ts';

/** A lead that has been waited for this long may have lost its completion event. */
const SUSPECT_AFTER_MS = 750;
const CHUNK = 1_000;

/**
 * Reads the rows of leads that have been waited for a while, in case their completion events were lost. No query if there are none.
 */
export async function watchRows(database: Database, waiting: WaitingCallers): Promise<void> {
  const suspects = waiting.suspects(performance.now() - SUSPECT_AFTER_MS);
  for (let start = 0; start < suspects.length; start += CHUNK) {
    const rows = await findSettledLeads(database, suspects.slice(start, start + CHUNK));
    for (const row of rows) waiting.settle(outcomeOf(row));
  }
}
