import type { Keyring } from '@live-feed/core/crypto/sealing';
import { SEALED } from '@live-feed/core/lead/lead-job';
import type { LeadOutcome, Reason } from '@live-feed/core/lead/lead-outcome';
import { ApiError, type ApiErrorCode } from '../http/api-error.ts';

/** What a caller is answered with once its lead was accepted by the dialer, or, if it prefers so, once it is kept. */
export interface LeadAnswer {
  readonly status: 200 | 202;
  readonly leadId: string;
  /** JSON text. */
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
}

export function statusPath(leadId: string): string {
  return `/live-feed/leads/${leadId}`;
}

function outcomeHeaders(outcome: LeadOutcome): Record<string, string> {
  return {
    ...(outcome.source === null ? {} : { 'x-outcome-source': outcome.source }),
    ...(outcome.uploadSize === null ? {} : { 'x-upload-size': String(outcome.uploadSize) }),
  };
}

/**
 * @param dialerResponse the unsealed JSON text of the dialing system's answer; null if there is none
 * @throws ApiError for every outcome but acceptance
 */
function answerFor(outcome: LeadOutcome, dialerResponse: string | null): LeadAnswer {
  if (outcome.state === 'ACCEPTED') {
    return {
      status: 200,
      leadId: outcome.leadId,
      body: `{"success":true,"dialerResponse":${dialerResponse ?? 'null'}}`,
      headers: outcomeHeaders(outcome),
    };
  }
  throw failureFor(outcome, dialerResponse);
}

/** @throws ApiError for every outcome but acceptance */
export function answerOf(
  { keyring }: { readonly keyring: Keyring },
  companyId: string,
  outcome: LeadOutcome,
): LeadAnswer {
  const { dialerResponse } = outcome;
  const unsealed =
    dialerResponse === null
      ? null
      : keyring.unseal(dialerResponse, { companyId, column: SEALED.dialerResponse });
  return answerFor(outcome, unsealed);
}

/** For a caller that prefers not to wait for the outcome of a lead that is on disk. */
export function accepted(leadId: string): LeadAnswer {
  const statusUrl = statusPath(leadId);
  const message =
    'The lead is kept and will be delivered or end in a recorded final state. Look at statusUrl for what became of it.';
  return {
    status: 202,
    leadId,
    body: JSON.stringify({ success: true, message, leadId, statusUrl }),
    headers: { location: statusUrl },
  };
}

export function pending(leadId: string): ApiError {
  return new ApiError(
    'OUTCOME_PENDING',
    'The dialer has not answered yet. The lead is kept and will be delivered or end in a recorded final state: ' +
      'look at statusUrl, or send the same request again to go on waiting. Do not submit it as a new lead.',
    { leadId, statusUrl: statusPath(leadId) },
  );
}

function failureFor(outcome: LeadOutcome, dialerResponse: string | null): ApiError {
  const { leadId } = outcome;
  const told = { leadId, dialerResponse: dialerResponse ?? 'null', headers: outcomeHeaders(outcome) };
  switch (outcome.state) {
    case 'REJECTED':
      return outcome.reason === 'DIALER_CAMPAIGN_UNKNOWN'
        ? new ApiError('DIALER_CAMPAIGN_UNKNOWN', FAILED.DIALER_CAMPAIGN_UNKNOWN, told)
        : new ApiError('DIALER_REJECTED', FAILED.DIALER_REJECTED, told);
    case 'FAILED': {
      const code = failureCode(outcome.reason);
      return new ApiError(code, FAILED[code], told);
    }
    case 'EXPIRED':
      return new ApiError('LEAD_EXPIRED', FAILED.LEAD_EXPIRED, told);
    case 'ABANDONED':
      return outcome.reason === 'NO_ANI_AVAILABLE'
        ? new ApiError('NO_ANI_AVAILABLE', UNSENT.NO_ANI_AVAILABLE, { leadId })
        : new ApiError('GIVEN_BACK', UNSENT.GIVEN_BACK, { leadId });
    default:
      return pending(leadId);
  }
}

const UNSENT = {
  GIVEN_BACK: 'The lead was given back unsent; the dialer does not have it. Submit it again.',
  NO_ANI_AVAILABLE:
    'No caller ID is left for the lead, so it was not sent. Daily caps begin anew at midnight, and numbers can be added or activated: then submit it again.',
} as const satisfies Partial<Record<ApiErrorCode, string>>;

const FAILED = {
  DIALER_REJECTED:
    'The dialer rejected the lead. Its reasons are in dialerResponse; correct the lead before you submit it again.',
  DIALER_CAMPAIGN_UNKNOWN:
    'The dialer does not know this campaign. Check in the dialer that it still exists.',
  DIALER_TOKEN_REFUSED:
    "The dialer refused the company's API token, so the lead was not taken. Have the token renewed, then submit the lead again.",
  DIALER_UNREACHABLE: 'The dialer could not be reached, so the lead was not taken. Submit it again later.',
  DIALER_FAILED: 'The dialer kept failing and did not take the lead. Submit it again later.',
  DIALER_THROTTLED: 'The dialer kept asking to slow down and did not take the lead. Submit it again later.',
  DEADLINE_PASSED:
    'The lead could not be delivered in time and the dialer does not have it. Submit it again.',
  LEAD_UNUSABLE: 'The lead could not be read any more and was not sent. Submit it again.',
  LEAD_EXPIRED:
    'The lead could not be delivered within its maximum age and the dialer does not have it. Submit it again.',
} as const satisfies Partial<Record<ApiErrorCode, string>>;

function failureCode(reason: Reason | null): keyof typeof FAILED {
  switch (reason) {
    case 'DIALER_TOKEN_REFUSED':
    case 'DIALER_UNREACHABLE':
    case 'DIALER_THROTTLED':
    case 'DEADLINE_PASSED':
    case 'LEAD_UNUSABLE':
      return reason;
    default:
      return 'DIALER_FAILED';
  }
}
