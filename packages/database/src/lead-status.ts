import type { LeadState } from '@live-feed/core/lead-state';
import type { Database } from './client.ts';

/** A company's look at its own leads. It decides nothing: that is for the transitions. */

export interface LeadRecord {
  readonly id: string;
  readonly state: LeadState;
  readonly campaignId: string;
  readonly phoneLast2: string;
  readonly callerId: string | null;
  readonly aniTier: string | null;
  readonly reason: string | null;
  readonly outcomeSource: string | null;
  readonly receivedAt: Date;
  readonly finishedAt: Date | null;
}

/** One call to a lead loader that the lead was in. Null where the call is under way, or its worker died. */
export interface UploadTrace {
  readonly startedAt: Date;
  readonly size: number;
  readonly result: string | null;
  readonly httpStatus: number | null;
  readonly latencyMs: number | null;
}

export interface TracedLead extends LeadRecord {
  /** Sealed. */
  readonly dialerResponse: string | null;
  /** Oldest first. */
  readonly uploads: readonly UploadTrace[];
}

const RECORD = {
  id: true,
  state: true,
  campaignId: true,
  phoneLast2: true,
  callerId: true,
  aniTier: true,
  reason: true,
  outcomeSource: true,
  receivedAt: true,
  finishedAt: true,
} as const;

/** @returns null if the company has no such lead, whoever else may have it */
export async function findLead(
  database: Database,
  companyId: string,
  leadId: string,
): Promise<TracedLead | null> {
  const lead = await database.lead.findFirst({
    where: { id: leadId, companyId },
    select: { ...RECORD, dialerResponse: true, uploadIds: true },
  });
  if (lead === null) return null;
  const { uploadIds, ...record } = lead;
  if (uploadIds.length === 0) return { ...record, uploads: [] };
  const uploads = await database.upload.findMany({
    where: { id: { in: uploadIds } },
    select: { startedAt: true, size: true, result: true, httpStatus: true, latencyMs: true },
    orderBy: { id: 'asc' },
  });
  return { ...record, uploads };
}

export interface LeadSearch {
  readonly companyId: string;
  readonly phoneDigest?: string | undefined;
  readonly campaignId?: string | undefined;
  readonly state?: LeadState | undefined;
  /** Only leads that are older than this one. */
  readonly olderThan?: string | undefined;
  readonly limit: number;
}

/** Newest first. */
export async function searchLeads(database: Database, search: LeadSearch): Promise<LeadRecord[]> {
  const { companyId, phoneDigest, campaignId, state, olderThan, limit } = search;
  return database.lead.findMany({
    where: {
      companyId,
      ...(phoneDigest === undefined ? {} : { phoneDigest }),
      ...(campaignId === undefined ? {} : { campaignId }),
      ...(state === undefined ? {} : { state }),
      ...(olderThan === undefined ? {} : { id: { lt: olderThan } }),
    },
    select: RECORD,
    orderBy: { id: 'desc' },
    take: limit,
  });
}
