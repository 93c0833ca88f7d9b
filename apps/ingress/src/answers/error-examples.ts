import { normalisePhone } from '@live-feed/core/lead/phone';
import { statusPath } from '@live-feed/core/status/status-path';
import { ApiError, type ApiErrorCode, type Sample } from './api-error.ts';

/** An answer of each code, as the code that answers makes it: messages here cannot differ from those that callers get. */

export const LEAD_ID = '019a3f6e-7c1b-7d20-9a57-1f0c8e2b4d61';
const REQUEST_ID = '019a3f6e-7c1a-7f04-b1c6-52e9d1f0a3b7';

const lead = { leadId: LEAD_ID };
const withoutAnswer = { leadId: LEAD_ID, dialerResponse: 'null' };

/** Codes whose message depends on the case have to be here. */
type Samples = { readonly [Code in ApiErrorCode]?: Sample<Code> } & {
  readonly [Code in ApiErrorCode as Sample<Code> extends { readonly about: unknown }
    ? Code
    : never]: Sample<Code>;
};

const badZip = [{ path: 'lead.zip', message: 'send text, not a number' }];
const shortPhone = normalisePhone('555123456');
const badPhone = shortPhone.ok ? '' : shortPhone.reason;

const SAMPLES: Samples = {
  MALFORMED_REQUEST: { about: 'it has no Host header (RFC 9112, section 3.2)' },
  VALIDATION_FAILED: { about: badZip, issues: badZip },
  PHONE_INVALID: { about: badPhone, issues: [{ path: 'lead.leadPhone', message: badPhone }] },
  DIALER_FAMILY_UNSUPPORTED: { about: 'RingCX and NewBridge' },
  DIALER_TOKEN_MISSING: { about: { title: 'RingCX', token: 'permanentToken', signsIn: true } },
  CAMPAIGN_NOT_FOUND: { about: undefined },
  METHOD_NOT_ALLOWED: { about: 'POST' },
  BODY_TOO_LARGE: { about: 65_536 },
  UNSUPPORTED_MEDIA_TYPE: { about: 'another' },
  HEADERS_TOO_LARGE: { about: 16_384 },

  DUPLICATE_LEAD: {
    about: 'shown',
    duplicateOf: {
      leadId: LEAD_ID,
      state: 'ACCEPTED',
      outcome: 'DIALER_ACCEPTED',
      statusUrl: statusPath(LEAD_ID),
    },
  },
  NOT_GIVEN_BACK: lead,
  DIALER_LEAD_ENDED: {
    ...lead,
    inDialer: {
      answer: 'found',
      leadState: 'COMPLETE',
      leadPasses: 3,
      lastPassDisposition: 'ANSWER',
      lastPassDts: '2026-11-23T16:02:11Z',
      nextDialTime: null,
    },
  },
  DIALER_LEAD_ABSENT: { ...lead, inDialer: { answer: 'absent' } },
  DIALER_CANNOT_CANCEL: lead,
  DIALER_NOT_ASKED: { ...lead, about: 'the dialer takes no more requests now' },
  CANCELLATION_UNKNOWN: lead,

  OVERLOADED: { about: 'busy' },
  DIALER_BACKLOG: { about: 'backlog', retryAfterSeconds: 7 },
  DIALER_PAUSED: { about: 'paused', retryAfterSeconds: null },
  CAMPAIGN_PAUSED: { about: 'refused', retryAfterSeconds: 60 },
  KEY_LIMIT_REACHED: { about: 'rate', retryAfterSeconds: 12 },
  PHONE_CHECK_UNAVAILABLE: { about: 'unanswered' },
  TOO_MANY_LISTS: { about: 2 },
  TOO_MANY_DIALER_REQUESTS: { about: 4 },
  DATABASE_UNAVAILABLE: { about: 'to take a lead' },

  NO_ANI_AVAILABLE: lead,
  PHONE_SUPPRESSED: { ...lead, about: 'list' },
  DIALER_REJECTED: {
    ...lead,
    dialerResponse: JSON.stringify({
      message: 'Your uploaded lead list has failed processing',
      leadsSupplied: 1,
      leadsAccepted: 0,
      leadsInserted: 0,
      processingResult: 'Failed',
      processingStatus: 'NO_LEADS_PASSED_VALIDATION',
      rejectedRows: [{ message: 'The phone is on a do-not-call list', rowData: [LEAD_ID, '5551234567'] }],
    }),
  },
  DIALER_CAMPAIGN_UNKNOWN: {
    ...lead,
    dialerResponse: JSON.stringify({ errorCode: '404', generalMessage: 'Campaign not found' }),
  },
  DIALER_TOKEN_REFUSED: { ...lead, dialerResponse: JSON.stringify('Jwt is expired') },
  DIALER_UNREACHABLE: withoutAnswer,
  DIALER_FAILED: withoutAnswer,
  DIALER_THROTTLED: withoutAnswer,
  DEADLINE_PASSED: withoutAnswer,
  LEAD_UNUSABLE: withoutAnswer,
  LEAD_EXPIRED: withoutAnswer,
  GIVEN_BACK: lead,
  OUTCOME_PENDING: lead,
  OUTCOME_UNKNOWN: lead,
};

/** The JSON body of an answer with that code. */
export function exampleOf(code: ApiErrorCode): unknown {
  const sample = (SAMPLES as Partial<Record<ApiErrorCode, unknown>>)[code];
  const error = new ApiError(code, sample as never);
  return JSON.parse(error.bodyFor(REQUEST_ID));
}
