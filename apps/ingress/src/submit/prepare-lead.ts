import { newId } from '@live-feed/core/ids';
import { type LeadJob, SEALED } from '@live-feed/core/lead/lead-job';
import { leadPayload } from '@live-feed/core/lead/lead-request';
import { normalisePhone } from '@live-feed/core/lead/phone';
import { formerDigest, requestParts } from '@live-feed/core/lead/request-digest';
import { groupName } from '@live-feed/core/limits/dialer-load';
import type { DialerRecord } from '@live-feed/database/directory/lookups';
import type { KeyedRequest } from '@live-feed/database/leads/idempotency-keys';
import { FAMILIES, findFamily } from '@live-feed/dialers/families';
import { type DialerAddress, dialerAddress } from '@live-feed/queue/limits/dialer-address';
import { ApiError } from '../http/api-error.ts';
import type { Submission, SubmissionTools } from './submission-tools.ts';

export interface PreparedLead {
  readonly job: LeadJob;
  /** Which leads of its campaign may share its upload, see `groupName`. */
  readonly group: string;
  /** Where its dialer is. */
  readonly address: DialerAddress;
  /** Of a request with an `Idempotency-Key`. */
  readonly keyed: KeyedRequest | undefined;
}

/** The checks of the API's section 5, in its order: a lead that passes them can be taken. @throws ApiError 400, 404 */
export async function prepareLead(
  tools: SubmissionTools,
  { key, request, arrivedMsAgo, idempotencyKey }: Submission,
): Promise<PreparedLead> {
  const reading = normalisePhone(request.lead.leadPhone);
  if (!reading.ok) {
    throw new ApiError('PHONE_INVALID', reading.reason, {
      issues: [{ path: 'lead.leadPhone', message: reading.reason }],
    });
  }
  const dialer = usableDialer(key.dialer);
  const { campaignId } = request;
  if (!(await tools.directory.hasCampaign(key.companyId, campaignId))) {
    throw new ApiError(
      'CAMPAIGN_NOT_FOUND',
      'Your company has no campaign with this campaignId. Use the id that the dialer shows, and have the campaign added if it is new.',
    );
  }
  const nowMs = tools.pulse.now();
  // Looking up its key and campaign is part of what its caller waits for.
  const receivedAtMs = nowMs - arrivedMsAgo();
  const { companyId } = key;
  const phoneDigest = tools.digests.phone(companyId, reading.phone);
  const payload = leadPayload(request, reading.phone, dialer.uploadDefaults);
  const parts = requestParts(companyId, request, phoneDigest);
  const digest = tools.digests.request(parts);
  const keyed: KeyedRequest | undefined =
    idempotencyKey === undefined
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
    payload: tools.keyring.seal(JSON.stringify(payload), { companyId, column: SEALED.payload }),
    phoneDigest,
    phoneLast2: reading.phone.slice(-2),
    // What has a key of its caller's is joined by that alone.
    joinKey: keyed === undefined ? digest : null,
    replyTo: tools.replyTo,
    receivedAtMs,
    deadlineMs: receivedAtMs + tools.deadlineMs,
    expiresAtMs: receivedAtMs + tools.maxAgeMs,
  };
  return { job, group: groupName(payload.options, tools.keyring), address: dialerAddress(dialer), keyed };
}

const SERVED = FAMILIES.map(({ title }) => title).join(' and ');

function usableDialer(dialer: DialerRecord | null): DialerRecord {
  if (dialer === null) {
    throw new ApiError('NO_DIALER', 'Your company has no dialer configured. Have one set up first.');
  }
  const family = findFamily(dialer.family);
  if (family === undefined) {
    throw new ApiError(
      'DIALER_FAMILY_UNSUPPORTED',
      `Your company's dialer is of a family that this endpoint does not serve. It serves ${SERVED}.`,
    );
  }
  if (dialer[family.token] === null) {
    throw new ApiError(
      'DIALER_TOKEN_MISSING',
      `Your company's dialer configuration lacks its ${family.token}. Have it added first.`,
    );
  }
  return dialer;
}
