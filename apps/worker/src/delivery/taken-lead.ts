import type { Keyring } from '@live-feed/core/crypto/sealing';
import { type LeadSettings, leadAsSent } from '@live-feed/core/directory/dialer-settings';
import { SEALED } from '@live-feed/core/lead/lead-job';
import { type LeadPayload, leadPayloadSchema } from '@live-feed/core/lead/lead-request';
import type { WaitingLead } from '@live-feed/core/upload/line';
import type { TakenJob } from '@live-feed/queue/jobs/lead-source';

/** A lead in a lane's hands, unsealed. */
export interface TakenLead extends WaitingLead {
  readonly taken: TakenJob;
  /** Undefined where it cannot be read, for example because its key was removed. The lead goes alone and ends. */
  readonly payload: LeadPayload | undefined;
}

/** A lead that workers died with this often may be why they died. */
const STALLS_UNTIL_ALONE = 2;

export function unsealLead(keyring: Keyring, settings: LeadSettings, taken: TakenJob): TakenLead {
  const { job, stalls } = taken;
  const payload = readPayload(keyring, taken);
  const sent = payload && leadAsSent(payload, settings);
  return {
    leadId: job.leadId,
    campaignId: job.campaignId,
    phoneDigest: job.phoneDigest,
    options: sent?.options ?? {},
    alone: payload === undefined || stalls >= STALLS_UNTIL_ALONE,
    taken,
    payload: payload && { ...payload, fields: sent?.fields ?? {} },
  };
}

function readPayload(keyring: Keyring, { job }: TakenJob): LeadPayload | undefined {
  try {
    const text = keyring.unseal(job.payload, { companyId: job.companyId, column: SEALED.payload });
    return leadPayloadSchema.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}
