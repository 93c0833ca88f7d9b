import type { Database } from '@live-feed/database/connection/client';
import {
  MOST_PARKED,
  readEndingKeys,
  readFailedSyncs,
  readParkedLeads,
  readPausedCampaigns,
  readRetentionPause,
  readSilentPhoneChecks,
  readTroubledWebhooks,
  readWornCallerIds,
} from '@live-feed/database/overview/needs-attention';
import {
  type Attention,
  LIMITS,
  ofCallerIds,
  ofFailedSync,
  ofKey,
  ofParkedLeads,
  ofPausedCampaign,
  ofRetention,
  ofSilentPhoneCheck,
  ofWebhook,
} from './attention.ts';

/** What the tables say needs a person. @param companyId undefined: of all companies, and what concerns all of them */
export async function troublesOf(
  database: Database,
  companyId: string | undefined,
  nowMs: number,
): Promise<Attention[]> {
  const [parked, worn, webhooks, keys, syncs, paused, silent, retentionPausedMs] = await Promise.all([
    readParkedLeads(database, companyId),
    readWornCallerIds(database, companyId, LIMITS.callerIds),
    readTroubledWebhooks(database, companyId, LIMITS.webhookFailsForMs),
    readEndingKeys(database, companyId, LIMITS.keyEndsWithinMs),
    readFailedSyncs(database, companyId),
    readPausedCampaigns(database, companyId),
    readSilentPhoneChecks(database, companyId, { nowMs, withinMs: LIMITS.silentForMs }),
    companyId === undefined ? readRetentionPause(database) : null,
  ]);
  return [
    ...parked.map((each) => ofParkedLeads(each, MOST_PARKED)),
    ...worn.map(ofCallerIds),
    ...webhooks.map(ofWebhook),
    ...keys.map((key) => ofKey(key, nowMs)),
    ...syncs.map(ofFailedSync),
    ...paused.map(ofPausedCampaign),
    ...silent.flatMap(ofSilentPhoneCheck),
    ...ofRetention(retentionPausedMs),
  ];
}
