import type { ApiErrorEntry } from './api-error-entry.ts';

/** What became of a lead that was valid and taken, and that the dialer is not known to have. */
export const OUTCOME_ERRORS = {
  NO_ANI_AVAILABLE: {
    status: 400,
    to: ['lead'],
    retryable: true,
    meaning: 'No caller ID is left for the lead, and the company sends none without; it was not sent.',
    message:
      'No caller ID is left for the lead, so it was not sent. Daily caps start again at midnight, and numbers can be added or activated. Submit the lead again then.',
  },
  PHONE_SUPPRESSED: {
    status: 422,
    to: ['lead'],
    retryable: false,
    meaning:
      "The phone is on the company's do-not-call list, or its own check of phones refused it; the lead was not sent.",
    message: (by: 'list' | 'check') =>
      by === 'list'
        ? "This phone is on your company's do-not-call list, so the lead was not sent. Do not call it. If it is there by mistake, have it taken off the list (POST /dnc/remove, with a key that may), then submit the lead as a new one."
        : "Your company's own check of phones refused this phone, so the lead was not sent. Do not call it. Its reason, if it gave one, is in reason.",
    showsStatus: true,
  },
  DIALER_REJECTED: {
    status: 502,
    to: ['lead'],
    retryable: false,
    meaning: 'The dialer rejected the lead and would do so again; see `dialerResponse`.',
    message:
      'The dialer rejected the lead. Its reasons are in dialerResponse; correct the lead before you submit it again.',
  },
  DIALER_CAMPAIGN_UNKNOWN: {
    status: 502,
    to: ['lead'],
    retryable: false,
    meaning: 'The dialer has no such campaign.',
    message: 'The dialer does not know this campaign. Check in the dialer that it still exists.',
  },
  DIALER_TOKEN_REFUSED: {
    status: 502,
    to: ['lead'],
    retryable: true,
    meaning: "The dialer refused the company's API token; it did not take the lead.",
    message:
      "The dialer refused the company's API token, so the lead was not taken. Have the token renewed, then submit the lead again.",
  },
  DIALER_UNREACHABLE: {
    status: 502,
    to: ['lead'],
    retryable: true,
    meaning: 'No connection to the dialer; it did not take the lead.',
    message: 'The dialer could not be reached, so the lead was not taken. Submit it again later.',
  },
  DIALER_FAILED: {
    status: 502,
    to: ['lead'],
    retryable: true,
    meaning: 'The dialer kept failing and is known not to have taken the lead.',
    message: 'The dialer kept failing and did not take the lead. Submit it again later.',
  },
  DIALER_THROTTLED: {
    status: 502,
    to: ['lead'],
    retryable: true,
    meaning: 'The dialer kept asking to slow down; it did not take the lead.',
    message: 'The dialer kept asking to slow down and did not take the lead. Submit it again later.',
  },
  DEADLINE_PASSED: {
    status: 502,
    to: ['lead'],
    retryable: true,
    meaning: 'The lead could not be delivered in time; the dialer did not take it.',
    message: 'The lead could not be delivered in time and the dialer does not have it. Submit it again.',
  },
  LEAD_UNUSABLE: {
    status: 502,
    to: ['lead'],
    retryable: true,
    meaning: 'We could not read the lead any more; it was not sent.',
    message: 'The lead could not be read any more and was not sent. Submit it again.',
  },
  LEAD_EXPIRED: {
    status: 502,
    to: ['lead'],
    retryable: true,
    meaning: 'The lead could not be delivered within its maximum age; the dialer did not take it.',
    message:
      'The lead could not be delivered within its maximum age and the dialer does not have it. Submit it again.',
  },
  DIALER_NOT_ASKED: {
    status: 502,
    to: ['cancel'],
    retryable: true,
    meaning: 'The dialer could not be asked to cancel the lead; it was not cancelled.',
    message: (why: string) => `The lead was not cancelled: ${why}. Repeat the request later.`,
    showsStatus: true,
  },
  GIVEN_BACK: {
    status: 503,
    to: ['lead'],
    retryable: true,
    meaning: 'The lead was given back unsent.',
    message: 'The lead was given back unsent; the dialer does not have it. Submit it again later.',
  },
  OUTCOME_PENDING: {
    status: 504,
    to: ['lead'],
    retryable: false,
    meaning: 'Neither taken nor refused yet. The lead is kept; it must not be submitted as a new one.',
    message:
      'The dialer has not responded yet. The lead is kept and will be delivered or end in a recorded final state: ' +
      'look at statusUrl, or send the same request again to go on waiting. Do not submit it as a new lead.',
    showsStatus: true,
  },
  CANCELLATION_UNKNOWN: {
    status: 504,
    to: ['cancel'],
    retryable: true,
    meaning: 'It is not known yet whether the dialer has cancelled the lead.',
    message:
      'It is not known yet whether the dialer has cancelled this lead. Repeat the request: repeating it does no harm.',
    showsStatus: true,
  },
  OUTCOME_UNKNOWN: {
    status: 504,
    to: ['lead'],
    retryable: false,
    meaning:
      'It is not known yet whether the lead was taken: the database could not be asked. It must not be submitted as a new one before that is known.',
    message:
      'It is not known yet whether the lead was taken, since the database could not be asked. Look at statusUrl in a while, or send the same ' +
      'request again; do not submit it as a new lead before.',
    showsStatus: true,
  },
  INTERNAL: {
    status: 500,
    to: ['any'],
    retryable: false,
    meaning: 'A fault of ours.',
    message:
      'Something went wrong on our side. Quote the requestId to support before you submit the lead again.',
  },
} as const satisfies Readonly<Record<string, ApiErrorEntry>>;
