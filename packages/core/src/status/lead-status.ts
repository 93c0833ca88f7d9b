import { type PhoneRegion, phoneRegion } from '../caller-id/phone-region.ts';
import { type Keyring, SealError } from '../crypto/sealing.ts';
import { idTimeMs } from '../ids.ts';
import { SEALED } from '../lead/lead-job.ts';
import type { LeadRecord, TracedLead, UploadTrace } from '../lead/lead-record.ts';
import { leadPayloadSchema } from '../lead/lead-request.ts';
import { isSettled } from '../lead/lead-state.ts';
import { statusPath } from './status-path.ts';

/** What a company sees of its leads, over HTTP and in webhooks. */

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

export interface StatusNow {
  /** Of a lead that waits. Undefined: its campaign is not paused. `until` as ISO 8601, null: until it is resumed. */
  readonly campaignPause?: { readonly until: string | null } | undefined;
  /** What the dialing system says of it; undefined if it was not asked. */
  readonly inDialer?: object | undefined;
}

/**
 * The JSON text of one lead's status. The dialing system's response in it is passed on unchanged.
 *
 * @param now what is known beside the row
 * @throws SealError if that response cannot be decrypted
 */
export function statusBody(keyring: Keyring, lead: TracedLead, now: StatusNow = {}): string {
  const status = {
    ...leadSummary(lead),
    phoneRegion: regionOf(keyring, lead),
    phoneCheck: checkOf(keyring, lead),
    timeline: timelineOf(lead),
    ...now,
  };
  return `${JSON.stringify(status).slice(0, -1)},"dialerResponse":${responseOf(keyring, lead) ?? 'null'}}`;
}

/** JSON text. */
function responseOf(keyring: Keyring, { companyId, dialerResponse }: TracedLead): string | null {
  if (dialerResponse === null) return null;
  return keyring.unseal(dialerResponse, { companyId, column: SEALED.dialerResponse });
}

/** Null if the lead cannot be decrypted any more. */
function regionOf(keyring: Keyring, { companyId, payload }: TracedLead): PhoneRegion | null {
  try {
    const plain = keyring.unseal(payload, { companyId, column: SEALED.payload });
    return phoneRegion(leadPayloadSchema.parse(JSON.parse(plain)).phone);
  } catch (error) {
    if (error instanceof SealError) return null;
    throw error;
  }
}

/** Only of leads whose phone was asked about, so that others are shown as ever. */
function checkOf(keyring: Keyring, { companyId, phoneCheck }: TracedLead) {
  if (phoneCheck === null) return undefined;
  const { reason, ...checked } = phoneCheck;
  return {
    ...checked,
    ...(checked.result === 'refused' ? { reason: reasonOf(keyring, companyId, reason) } : {}),
  };
}

/** Null if there is none, or it cannot be decrypted any more. @param sealed of a refusal */
export function reasonOf(
  keyring: Keyring,
  companyId: string,
  sealed: string | null | undefined,
): string | null {
  if (sealed === null || sealed === undefined) return null;
  try {
    return keyring.unseal(sealed, { companyId, column: SEALED.phoneCheckReason });
  } catch (error) {
    if (error instanceof SealError) return null;
    throw error;
  }
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
