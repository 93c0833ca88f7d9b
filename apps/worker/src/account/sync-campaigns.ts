import { noteCampaignSync } from '@live-feed/database/directory/campaign-syncs';
import { saveCampaignList } from '@live-feed/database/directory/campaigns';
import { databaseNow } from '@live-feed/database/upkeep/retention-cutoff';
import type { CampaignListing } from '@live-feed/dialers/account';
import { findFamily } from '@live-feed/dialers/families';
import type { ServedDialer } from '../dialer/dialer-directory.ts';
import { type AccountTools, bucketOf, permitted } from './account-tools.ts';

/** How long one list may take, however many pages it has. */
const LONGEST_MS = 60_000;

/** Reads a dialer's campaigns from its dialing system and takes them over. What goes wrong is logged, and kept for people. */
export async function syncCampaigns(tools: AccountTools, dialerId: string): Promise<void> {
  const { database, directory, logger, metrics } = tools;
  const dialer = await directory.find(dialerId);
  if (dialer === undefined) return;
  const { companyId, baseUrl, accountId } = dialer.record;
  const beganAt = new Date(await databaseNow(database));
  const listing = await listCampaigns(tools, dialer);
  // A list that was broken off is nobody's failure.
  if (tools.stopping.aborted) return;
  if (listing.kind !== 'listed') {
    const failure = listing.kind === 'throttled' ? 'the dialing system asked to slow down' : listing.reason;
    metrics.campaignLists.add(dialerId, 'failed');
    logger.warn({ dialerId, companyId, kind: listing.kind, failure }, 'campaigns could not be read');
    return noteCampaignSync(database, dialerId, failure);
  }
  const origin = { companyId, dialerId, baseUrl, accountId, beganAt };
  const changes = await saveCampaignList(database, origin, listing);
  if (changes === undefined) return;
  await noteCampaignSync(database, dialerId, null);
  const { incomplete } = listing;
  metrics.campaignLists.add(dialerId, incomplete === null ? 'whole' : 'incomplete');
  if (incomplete !== null)
    logger.warn({ dialerId, companyId, incomplete }, 'a list of campaigns is incomplete');
  const { added, renamed, returned, ended } = changes;
  if (added.length + renamed.length + returned.length + ended.length === 0) return;
  const counts = {
    added: added.length,
    renamed: renamed.length,
    returned: returned.length,
    ended: ended.length,
  };
  logger.info({ dialerId, companyId, ...counts }, 'campaigns have changed');
}

async function listCampaigns(tools: AccountTools, dialer: ServedDialer): Promise<CampaignListing> {
  const family = findFamily(dialer.record.family);
  const source = family && tools.loaders.campaignsFor(family);
  if (family?.campaigns === undefined || source === undefined) {
    return { kind: 'failed', reason: 'campaigns of this dialing system cannot be listed' };
  }
  if (dialer.account === undefined) return { kind: 'token_refused', reason: 'there is no usable token' };
  const bucket = bucketOf(family.campaigns.windows);
  const giveUpAt = performance.now() + LONGEST_MS;
  return source.listCampaigns(dialer.account, () =>
    permitted(tools, tools.campaignPermits, dialer, bucket, { giveUpAt }),
  );
}
