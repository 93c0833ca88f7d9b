import { claimDueSyncs } from '@live-feed/database/directory/campaign-syncs';
import type { AccountTools } from './account-tools.ts';
import { syncCampaigns } from './sync-campaigns.ts';

/** Dialers whose campaigns this worker reads at once. */
const MOST_AT_ONCE = 4;

/** Reads the campaigns of the dialers that are due. Each turn of a dialer has one worker, see `claimDueSyncs`. */
export function createCampaignTurns(tools: AccountTools): () => Promise<void> {
  return async () => {
    const due = await claimDueSyncs(tools.database, MOST_AT_ONCE);
    await Promise.race([
      Promise.all(due.map((dialerId) => syncOne(tools, dialerId))),
      stopped(tools.stopping),
    ]);
  };
}

async function syncOne(tools: AccountTools, dialerId: string): Promise<void> {
  try {
    await syncCampaigns(tools, dialerId);
  } catch (err) {
    if (!tools.stopping.aborted) tools.logger.warn({ dialerId, err }, 'campaigns could not be kept');
  }
}

/** A worker that is to stop does not wait for a dialing system that is slow with a list. */
function stopped(stopping: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (stopping.aborted) resolve();
    else stopping.addEventListener('abort', () => resolve(), { once: true });
  });
}
