import { claimDueSyncs } from '@live-feed/database/directory/campaign-syncs';
import type { AccountTools } from './account-tools.ts';
import { syncCampaigns } from './sync-campaigns.ts';

/** Dialers whose campaigns this worker reads at once. */
const MOST_AT_ONCE = 16;

/**
 * Begins to read the campaigns of the dialers that are due, as far as there is room. Each turn of a dialer has one worker, see `claimDueSyncs`.
 * Nobody waits for the end of a turn: neither another dialer, nor a worker that is to stop.
 */
export function createCampaignTurns(tools: AccountTools): () => Promise<void> {
  let underWay = 0;
  return async () => {
    const room = tools.stopping.aborted ? 0 : MOST_AT_ONCE - underWay;
    if (room <= 0) return;
    for (const dialerId of await claimDueSyncs(tools.database, room)) {
      underWay += 1;
      void syncOne(tools, dialerId).finally(() => {
        underWay -= 1;
      });
    }
  };
}

async function syncOne(tools: AccountTools, dialerId: string): Promise<void> {
  try {
    await syncCampaigns(tools, dialerId);
  } catch (err) {
    if (!tools.stopping.aborted) tools.logger.warn({ dialerId, err }, 'campaigns could not be kept');
  }
}
