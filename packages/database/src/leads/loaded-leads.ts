import type { Database } from '../connection/client.ts';

/** A lead that was sent to a dialing system, which may have it. */
export interface LoadedLead {
  readonly id: string;
  readonly dialerId: string;
  readonly campaignId: string;
  /** The account, see `accountName`; null where a release of before sent it. */
  readonly sentTo: string | null;
}

/** @returns null if the company has no such lead, or it was never sent */
export async function findLoadedLead(
  database: Database,
  companyId: string,
  leadId: string,
): Promise<LoadedLead | null> {
  return database.lead.findFirst({
    where: { id: leadId, companyId, attempt: { gt: 0 } },
    select: { id: true, dialerId: true, campaignId: true, sentTo: true },
  });
}
