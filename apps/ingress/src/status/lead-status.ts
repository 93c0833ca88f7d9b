import type { PhoneRegion } from '@live-feed/core/caller-id/phone-region';
import { idTimeMs } from '@live-feed/core/ids';
import { isSettled } from '@live-feed/core/lead/lead-state';
import type { LeadRecord, TracedLead, UploadTrace } from '@live-feed/database/leads/lead-status';
import { statusPath } from '../answers/paths.ts';
import type { InDialerBody } from './in-dialer.ts';

/** What a company sees of its leads. */

/** A lead in a list. */
export function leadSummary(lead: LeadRecord) {
  const settled = isSettled(lead.state);
  return {
    leadId: lead.id,
    state: lead.state,
    // While a lead is under way, the row's reason is that of an earlier attempt.
    outcome: settled ? lead.reason : null,
    outcomeSource: settled ? lead.outcomeSource : null,
    campaignId: lead.campaignId,
    source: lead.source,
    phoneLast2: lead.phoneLast2,
    callerId: lead.callerId,
    callerIdTier: lead.aniTier,
    receivedAt: lead.receivedAt.toISOString(),
    finishedAt: lead.finishedAt?.toISOString() ?? null,
    statusUrl: statusPath(lead.id),
  };
}

/**
 * The JSON text of one lead's status.
 *
 * @param phoneRegion null if it is not known any more
 * @param dialerResponse the JSON text of the dialing system's answer, decrypted and passed on unchanged; null if there is none
 * @param inDialer what the dialing system says of it now; undefined if it was not asked
 */
export function statusBody(
  lead: TracedLead,
  phoneRegion: PhoneRegion | null,
  dialerResponse: string | null,
  inDialer?: InDialerBody,
): string {
  const text = JSON.stringify({ ...leadSummary(lead), phoneRegion, timeline: timelineOf(lead), inDialer });
  return `${text.slice(0, -1)},"dialerResponse":${dialerResponse ?? 'null'}}`;
}

function timelineOf(lead: TracedLead) {
  return [
    { event: 'received', at: lead.receivedAt.toISOString() },
    // A lead gets its id just before it is queued.
    { event: 'queued', at: new Date(idTimeMs(lead.id)).toISOString() },
    ...lead.uploads.map(uploadEvent),
    ...(lead.finishedAt === null ? [] : [{ event: 'finished', at: lead.finishedAt.toISOString() }]),
  ];
}

function uploadEvent({ startedAt, ...call }: UploadTrace) {
  return { event: 'upload', at: startedAt.toISOString(), ...call };
}
