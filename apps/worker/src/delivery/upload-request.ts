import type { LeadRow } from '@live-feed/database/leads/lead-rows';
import type { UploadLead, UploadRequest } from '@live-feed/dialers/lead-loader';
import type { LaneLead } from '../lane/lane-lead.ts';

/** A lead whose attempt is ours to make. */
export interface OwnLead {
  readonly lead: LaneLead;
  readonly row: LeadRow;
}

/** What cannot be read is no reason to fail the upload's other leads. */
export function intendedLead({ taken: { job }, payload }: LaneLead) {
  const { zip, state } = payload?.fields ?? {};
  return { job, toCall: { phone: payload?.phone, zip, state } };
}

/** @returns undefined if a payload cannot be read: sealed under a key that is gone */
export function requestOf(
  { campaignId, options }: Pick<UploadRequest, 'campaignId' | 'options'>,
  leads: readonly OwnLead[],
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
