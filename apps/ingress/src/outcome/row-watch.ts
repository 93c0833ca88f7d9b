import type { Database } from '@live-feed/database/connection/client';
import { findSettledLeads, outcomeOf } from '@live-feed/database/leads/lead-rows';
import type { WaitingLeads } from './waiting-leads.ts';

/** Older than this, a lead's event may have been lost. */
const SUSPECT_AFTER_MS = 750;
const CHUNK = 1_000;

/**
 * Asks the rows about leads that have been waited for a while: what a lost event costs. One query a second in a calm
 * system, none if everybody has been answered in time.
 */
export async function watchRows(database: Database, waiting: WaitingLeads): Promise<void> {
  const suspects = waiting.suspects(performance.now() - SUSPECT_AFTER_MS);
  for (let start = 0; start < suspects.length; start += CHUNK) {
    const rows = await findSettledLeads(database, suspects.slice(start, start + CHUNK));
    for (const row of rows) waiting.settle(outcomeOf(row));
  }
}
