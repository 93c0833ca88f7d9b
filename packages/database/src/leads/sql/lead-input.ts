import type { AniChoice } from '@live-feed/core/caller-id/ani-choice';
import type { LeadJob } from '@live-feed/core/lead/lead-job';
import { Prisma } from '../../generated/client.ts';

/** The columns that come from the job, in the same order for both sides of an INSERT … SELECT. */
export const INSERTED = Prisma.sql`id, company_id, dialer_id, campaign_id, source, phone_digest, phone_last2, phone_check, join_key, payload, received_at, deadline, expires_at`;
export const INSERTED_FROM_INPUT = Prisma.sql`input.id, input.company_id, input.dialer_id, input.campaign_id, input.source, input.phone_digest,
  input.phone_last2, input.phone_check, input.join_key, input.payload, input.received_at, input.deadline, input.expires_at`;

/** `state, promised, reason, due_at, finished_at` of a lead whose phone its company's check refused. */
export const REFUSED = Prisma.sql`'ABANDONED'::lead_state, false, 'PHONE_SUPPRESSED', now(), now()`;

/**
 * A table of leads for a statement.
 *
 * @param choices the leads' ANIs, in the order of the leads
 */
export function inputOf(
  leads: readonly LeadJob[],
  choices: readonly (AniChoice | undefined)[] = [],
): Prisma.Sql {
  const rows = leads.map((lead, index) => {
    const choice = choices[index];
    return {
      id: lead.leadId,
      company_id: lead.companyId,
      dialer_id: lead.dialerId,
      campaign_id: lead.campaignId,
      source: lead.source ?? null,
      phone_digest: lead.phoneDigest,
      phone_last2: lead.phoneLast2,
      phone_check: lead.phoneCheck ?? null,
      join_key: lead.joinKey ?? null,
      payload: lead.payload,
      received_at: new Date(lead.receivedAtMs),
      deadline: new Date(lead.deadlineMs),
      expires_at: new Date(lead.expiresAtMs),
      ani: choice?.phone,
      is_kept: choice?.kind === 'kept',
      tier: choice?.kind === 'chosen' ? choice.tier : null,
      distance_km: choice?.kind === 'chosen' ? choice.distanceKm : null,
    };
  });
  return Prisma.sql`SELECT * FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) AS leads_in(
    id uuid, company_id uuid, dialer_id uuid, campaign_id text, source text, phone_digest text, phone_last2 text, phone_check jsonb,
    join_key text, payload text, received_at timestamptz, deadline timestamptz, expires_at timestamptz,
    ani text, is_kept boolean, tier text, distance_km int)`;
}
