import { stands } from '@live-feed/core/directory/campaign-pause';
import { optionsAsSent } from '@live-feed/core/directory/dialer-settings';
import { ruleFor } from '@live-feed/core/directory/duplicate-rule';
import { mayUseCampaign } from '@live-feed/core/directory/key-settings';
import { newId } from '@live-feed/core/ids';
import { type LeadJob, SEALED } from '@live-feed/core/lead/lead-job';
import {
  type LeadPayload,
  type LeadRequest,
  leadPayload,
  optionsOf,
} from '@live-feed/core/lead/lead-request';
import { normalisePhone } from '@live-feed/core/lead/phone';
import { formerDigest, requestParts } from '@live-feed/core/lead/request-digest';
import { groupName } from '@live-feed/core/limits/dialer-load';
import type { CampaignSettings, DialerRecord } from '@live-feed/database/directory/lookups';
import type { KeyedRequest } from '@live-feed/database/leads/idempotency-keys';
import { hasCredential } from '@live-feed/dialers/credential';
import { FAMILIES, findFamily } from '@live-feed/dialers/families';
import { dialerAddress } from '@live-feed/queue/limits/dialer-address';
import type { LeadToAdmit } from '../admission/admit-lead.ts';
import { INSUFFICIENT } from '../admission/authenticate.ts';
import { ApiError, invalidPhone, invalidRequest } from '../answers/api-error.ts';
import type { Submission, SubmissionTools } from './submission-tools.ts';

/** A valid lead, and what it will be sent as. */
export interface PreparedLead extends LeadToAdmit {
  readonly payload: LeadPayload;
  readonly dialer: DialerRecord;
}

/**
 * The checks of the API's section 5, in its order. A lead that passes them is valid.
 *
 * @throws ApiError 400, 403, 404
 */
export async function prepareLead(
  tools: SubmissionTools,
  { key, request, writtenAt, arrivedMsAgo, preference, idempotencyKey, isDryRun }: Submission,
): Promise<PreparedLead> {
  if (key.dialer !== null) requireTimezone(request, writtenAt, key.dialer);
  const reading = normalisePhone(request.lead.leadPhone);
  if (!reading.ok) {
    throw invalidPhone(writtenAt('lead.leadPhone'), reading.reason);
  }
  const dialer = usableDialer(key.dialer);
  const { campaignId } = request;
  if (!mayUseCampaign(key.settings, campaignId)) {
    throw new ApiError('CAMPAIGN_NOT_ALLOWED', { headers: INSUFFICIENT });
  }
  const campaign = await requireCampaign(tools, dialer, campaignId, isDryRun);
  const nowMs = tools.databaseHealth.now();
  // Looking up its key and campaign is part of what its caller waits for.
  const receivedAtMs = nowMs - arrivedMsAgo();
  const { companyId } = key;
  const { label } = key.settings;
  const phoneDigest = tools.digests.phone(companyId, reading.phone);
  const payload = leadPayload(request, reading.phone, dialer.uploadDefaults);
  const parts = requestParts(companyId, request, phoneDigest);
  const digest = tools.digests.request(parts);
  const keyed: KeyedRequest | undefined =
    idempotencyKey === undefined || isDryRun
      ? undefined
      : {
          companyId,
          keyDigest: tools.digests.idempotencyKey(companyId, idempotencyKey),
          requestDigest: digest,
          former: { keyDigest: formerDigest(idempotencyKey), requestDigest: formerDigest(parts) },
        };
  const job: LeadJob = {
    v: 1,
    leadId: newId(nowMs),
    companyId,
    dialerId: dialer.id,
    campaignId,
    ...(label === undefined ? {} : { source: label }),
    payload: tools.keyring.seal(JSON.stringify(payload), { companyId, column: SEALED.payload }),
    phoneDigest,
    phoneLast2: reading.phone.slice(-2),
    // A lead with an `Idempotency-Key` is joined only by requests with the same key.
    joinKey: keyed === undefined ? digest : null,
    replyTo: tools.replyTo,
    receivedAtMs,
    deadlineMs: receivedAtMs + tools.deadlineMs,
    expiresAtMs: receivedAtMs + tools.maxAgeMs,
  };
  const sent = optionsAsSent(payload.options, dialer.leadSettings);
  const duplicates = ruleFor(key.duplicates, campaign.duplicates);
  const group = groupName(sent, tools.keyring);
  const waits = preference === undefined;
  const address = dialerAddress(dialer);
  const pause = stands(campaign.pause, nowMs) ? campaign.pause : null;
  const lead = { job, phone: reading.phone, payload, group, address, keyed, duplicates, pause };
  return { ...lead, dialer, waits, isDryRun };
}

/**
 * With `EXPLICIT` the dialing system calls by the lead's own time zone. Only where that is sent on: without it the option goes on as it is, and
 * the dialing system is the judge.
 */
function requireTimezone(
  request: LeadRequest,
  writtenAt: Submission['writtenAt'],
  { leadSettings, uploadDefaults }: DialerRecord,
): void {
  if (!leadSettings.forward.includes('leadTimezone') || request.lead.leadTimezone) return;
  const { timeZoneOption } = optionsAsSent(optionsOf(request, uploadDefaults), leadSettings);
  if (timeZoneOption !== 'EXPLICIT') return;
  const message =
    'it is required with the timeZoneOption EXPLICIT: send the time zone of the lead, such as America/New_York, or send the timeZoneOption NPA_NXX, which goes by the phone';
  throw invalidRequest([{ path: writtenAt('lead.leadTimezone'), message }]);
}

/** One that is not known may have appeared on the dialing system a moment ago. A dry run does not have that asked: what it says is stored. */
async function requireCampaign(
  { directory, campaignLookups }: SubmissionTools,
  { id: dialerId, companyId }: DialerRecord,
  campaignId: string,
  isDryRun: boolean,
): Promise<CampaignSettings> {
  const known = await directory.findCampaign(companyId, campaignId);
  if (known !== null) return known;
  if (isDryRun) throw new ApiError('CAMPAIGN_NOT_FOUND', { about: undefined });
  const lookup = await campaignLookups.lookUp({ companyId, dialerId }, campaignId);
  if (lookup.kind === 'known') return lookup.campaign;
  if (lookup.kind === 'off') throw new ApiError('CAMPAIGN_NOT_FOUND', { about: undefined });
  throw new ApiError('CAMPAIGN_NOT_FOUND', { about: lookup.againInS, retryAfterSeconds: lookup.againInS });
}

const SERVED = FAMILIES.map(({ title }) => title).join(' and ');

function usableDialer(dialer: DialerRecord | null): DialerRecord {
  if (dialer === null) {
    throw new ApiError('NO_DIALER');
  }
  const family = findFamily(dialer.family);
  if (family === undefined) {
    throw new ApiError('DIALER_FAMILY_UNSUPPORTED', { about: SERVED });
  }
  if (!hasCredential(family, dialer)) {
    const { title, token, signIn } = family;
    throw new ApiError('DIALER_TOKEN_MISSING', { about: { title, token, signsIn: signIn !== undefined } });
  }
  return dialer;
}
