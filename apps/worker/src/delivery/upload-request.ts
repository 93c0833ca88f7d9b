import { leadToCall } from '@live-feed/core/caller-id/lead-to-call';
import type { LeadRow } from '@live-feed/database/leads/lead-rows';
import type { UploadLead, UploadRequest } from '@live-feed/dialers/lead-loader';
import type { TakenLead } from './taken-lead.ts';

/** A lead whose attempt this worker makes: its row says SENDING. */
export interface Sending {
  readonly lead: TakenLead;
  readonly row: LeadRow;
}

/** What cannot be read is no reason to fail the upload's other leads. */
export function intendedLead({ taken: { job }, payload }: TakenLead) {
  return { job, toCall: leadToCall(payload) };
}

/** @returns undefined if a payload cannot be read, because it was encrypted under a key that was removed */
export function requestOf(
  { campaignId, options }: Pick<UploadRequest, 'campaignId' | 'options'>,
  leads: readonly Sending[],
): UploadRequest | undefined {
  const uploadLeads: UploadLead[] = [];
  for (const { lead, row } of leads) {
    const { payload, leadId: externId } = lead;
    if (payload === undefined) return undefined;
    uploadLeads.push({
      externId,
      phone: payload.phone,
      fields: payload.fields,
      ...(row.callerId === null ? {} : { callerId: row.callerId }),
    });
  }
  return { campaignId, options, leads: uploadLeads };
}
