import type { Keyring } from '@live-feed/core/crypto/sealing';
import { SEALED } from '@live-feed/core/lead/lead-job';
import type { LeadOutcome, Reason } from '@live-feed/core/lead/lead-outcome';
import { isSettled, type LeadState } from '@live-feed/core/lead/lead-state';
import { reasonOf } from '@live-feed/core/status/lead-status';
import { statusPath } from '@live-feed/core/status/status-path';
import { ApiError, type ApiErrorCode } from './api-error.ts';

/** What the caller gets once the dialer has accepted its lead, or once the lead is kept if it prefers not to wait. */
export interface LeadAnswer {
  readonly status: 200 | 202;
  /** Null for a dry run that would become a lead of its own. */
  readonly leadId: string | null;
  /** JSON text. */
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
  /** The answer is that of this earlier lead. */
  readonly duplicateOf?: DuplicateOf;
}

/** The earlier lead of a duplicate, as answers show it. */
export interface DuplicateOf {
  readonly leadId: string;
  /** Null if it has no status yet. */
  readonly state: LeadState | null;
  readonly outcome: Reason | null;
  readonly statusUrl: string;
}

/** What answers to a duplicate have in common. */
export function duplicateOf(leadId: string, row: Pick<LeadOutcome, 'state' | 'reason'> | null) {
  const state = row?.state ?? null;
  const outcome = row !== null && isSettled(row.state) ? row.reason : null;
  const earlier: DuplicateOf = { leadId, state, outcome, statusUrl: statusPath(leadId) };
  return { duplicateOf: earlier, headers: { 'duplicate-of': leadId } };
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
  if (state === 'ABANDONED') throw unsent(keyring, companyId, outcome);
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

/** The body of the answer to a dry run. @param body JSON text of an object */
export function ofDryRun(body: string): string {
  return `{"dryRun":true,${body.slice(1)}`;
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
    default:
      return new ApiError('OUTCOME_PENDING', { leadId });
  }
}

function unsent(keyring: Keyring, companyId: string, { leadId, reason, phoneCheck }: LeadOutcome): ApiError {
  if (reason === 'NO_ANI_AVAILABLE') return new ApiError(reason, { leadId });
  if (reason !== 'PHONE_SUPPRESSED') return new ApiError('GIVEN_BACK', { leadId });
  if (phoneCheck?.result !== 'refused') return new ApiError(reason, { about: 'list', leadId });
  return new ApiError(reason, {
    about: 'check',
    leadId,
    reason: reasonOf(keyring, companyId, phoneCheck.reason),
  });
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
