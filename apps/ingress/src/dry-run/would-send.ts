import type { ChosenAni } from '@live-feed/core/caller-id/ani-choice';
import { leadAsSent } from '@live-feed/core/directory/dialer-settings';
import { findFamily } from '@live-feed/dialers/families';
import type { PreparedLead } from '../submit/prepare-lead.ts';

/** In place of the id that a lead would get: the nil UUID (RFC 9562). */
const NO_ID = '00000000-0000-0000-0000-000000000000';

/** What a lead would be sent as: the body as the lead loader writes it. @param ani null for the campaign's own */
export function wouldSend({ job, payload, dialer }: PreparedLead, ani: ChosenAni | null) {
  const { campaignId, source = null } = job;
  const { fields, options } = leadAsSent(payload, dialer.leadSettings);
  const callerId = ani === null ? {} : { callerId: ani.phone };
  const leads = [{ externId: NO_ID, phone: payload.phone, fields, ...callerId }];
  return {
    dialerFamily: dialer.family,
    campaignId,
    source,
    callerId: ani?.phone ?? null,
    callerIdTier: ani?.tier ?? null,
    callerIdDistanceKm: ani?.distanceKm ?? null,
    body: findFamily(dialer.family)?.uploadBody({ campaignId, options, leads }) ?? {},
  };
}
