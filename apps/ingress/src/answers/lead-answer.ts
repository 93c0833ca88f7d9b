import type { Keyring } from '@live-feed/core/crypto/sealing';
import { SEALED } from '@live-feed/core/lead/lead-job';
import type { LeadOutcome, Reason } from '@live-feed/core/lead/lead-outcome';
import { statusPath } from '@live-feed/core/status/status-path';
import { ApiError, type ApiErrorCode } from './api-error.ts';

/** What the caller gets once the dialer has accepted its lead, or once the lead is kept if it prefers not to wait. */
export interface LeadAnswer {
  readonly status: 200 | 202;
  readonly leadId: string;
  /** JSON text. */
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * The answer to a lead whose outcome is known: 200 if the dialer accepted it.
 *
 * @throws ApiError for every other outcome
 */
export function outcomeAnswer(keyring: Keyring, companyId: string, outcome: LeadOutcome): LeadAnswer {
  const { leadId, state } = outcome;
  const sealed = outcome.dialerResponse;
  // JSON text, which reaches the caller as the dialing system sent it.
  const dialerResponse =
    sealed === null ? 'null' : keyring.unseal(sealed, { companyId, column: SEALED.dialerResponse });
  const headers = outcomeHeaders(outcome);
  if (state !== 'ACCEPTED') throw failure(outcome, { leadId, dialerResponse, headers });
  return { status: 200, leadId, body: `{"success":true,"dialerResponse":${dialerResponse}}`, headers };
}

/** 202, for a caller that prefers not to wait. Only for a lead whose row has been seen. */
export function keptAnswer(leadId: string): LeadAnswer {
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

function outcomeHeaders({ source, uploadSize }: LeadOutcome): Record<string, string> {
  return {
    ...(source === null ? {} : { 'x-outcome-source': source }),
    ...(uploadSize === null ? {} : { 'x-upload-size': String(uploadSize) }),
  };
}

interface DialerAnswer {
  readonly leadId: string;
  readonly dialerResponse: string;
  readonly headers: Readonly<Record<string, string>>;
}

function failure({ state, reason, leadId }: LeadOutcome, answered: DialerAnswer): ApiError {
  switch (state) {
    case 'REJECTED':
      return new ApiError(reason === 'DIALER_CAMPAIGN_UNKNOWN' ? reason : 'DIALER_REJECTED', answered);
    case 'FAILED':
      return new ApiError(failureCode(reason), answered);
    case 'EXPIRED':
      return new ApiError('LEAD_EXPIRED', answered);
    case 'ABANDONED':
      return new ApiError(reason === 'NO_ANI_AVAILABLE' ? reason : 'GIVEN_BACK', { leadId });
    default:
      return new ApiError('OUTCOME_PENDING', { leadId });
  }
}

function failureCode(reason: Reason | null) {
  switch (reason) {
    case 'DIALER_TOKEN_REFUSED':
    case 'DIALER_UNREACHABLE':
    case 'DIALER_THROTTLED':
    case 'DEADLINE_PASSED':
    case 'LEAD_UNUSABLE':
      return reason satisfies ApiErrorCode;
    default:
      return 'DIALER_FAILED';
  }
}
