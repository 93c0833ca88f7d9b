import { newId } from '@live-feed/core/ids';
import type { Database } from '../connection/client.ts';

/** The campaigns of the dialing system that a company may load. */

/** @returns the new ones */
export async function addCampaigns(
  database: Database,
  companyId: string,
  campaignIds: readonly string[],
): Promise<string[]> {
  const added = await database.campaign.createManyAndReturn({
    data: campaignIds.map((campaignId) => ({ id: newId(), companyId, campaignId })),
    skipDuplicates: true,
    select: { campaignId: true },
  });
  return added.map(({ campaignId }) => campaignId);
}

/** Ordered by the dialing system's ids. */
export async function listCampaigns(
  database: Database,
  companyId: string,
): Promise<{ readonly campaignId: string; readonly createdAt: Date }[]> {
  return database.campaign.findMany({
    where: { companyId },
    select: { campaignId: true, createdAt: true },
    orderBy: { campaignId: 'asc' },
  });
}
