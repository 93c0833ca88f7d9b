import type { ApiErrorEntry, Issue } from './api-error-entry.ts';

/** Issues in a message. The body has all of them. */
const MOST_NAMED = 10;

/** The request is wrong. Sent again as it is, it would be refused again, except after a time-out. */
export const REQUEST_ERRORS = {
  API_KEY_MISSING: {
    status: 401,
    to: ['keyed'],
    retryable: false,
    meaning: 'No API key was sent.',
    message: 'Send your API key in the header "Authorization: Bearer <API key>".',
  },
  API_KEY_INVALID: {
    status: 401,
    to: ['keyed'],
    retryable: false,
    meaning: 'There is no such API key.',
    message:
      'This API key is not valid. Check that it was copied completely, as "Authorization: Bearer <API key>".',
  },
  API_KEY_INACTIVE: {
    status: 401,
    to: ['keyed'],
    retryable: false,
    meaning: 'The API key is revoked or has expired.',
    message: 'This API key is revoked or has expired. Use an active one.',
  },
  API_KEY_WRONG_TYPE: {
    status: 403,
    to: ['keyed'],
    retryable: false,
    meaning: 'The API key is neither a universal nor a test one.',
    message:
      'This API key is for something else. Use a key of type "universal" for the live feed, or of type "test" to try it.',
  },

  CAMPAIGN_NOT_ALLOWED: {
    status: 403,
    to: ['lead', 'assignment'],
    retryable: false,
    meaning: 'The API key may not load this campaign.',
    message: 'This API key may not load this campaign. Ask the company that gave it to you.',
  },

  DNC_REMOVAL_NOT_ALLOWED: {
    status: 403,
    to: ['phoneRemoval'],
    retryable: false,
    meaning: "The API key is limited to campaigns, and the company's do-not-call list holds for all of them.",
    message:
      "This API key is limited to some of the company's campaigns, and its do-not-call list holds for all of them: such a key may add phones, but not remove any. Ask the company that gave the key to you.",
  },

  TEST_KEY: {
    status: 403,
    to: ['cancel'],
    retryable: false,
    meaning: 'The API key is a test key: it can neither take back nor cancel a lead.',
    message:
      'This API key is a test key, which changes nothing: it can neither take back nor cancel a lead. Use a universal key for that.',
  },

  MALFORMED_REQUEST: {
    status: 400,
    to: ['any'],
    retryable: false,
    meaning: 'The request is not well-formed HTTP/1.1.',
    message: (why: string) => `The request is not well-formed: ${why}.`,
  },
  MALFORMED_JSON: {
    status: 400,
    to: ['body'],
    retryable: false,
    meaning: 'The body is not JSON in UTF-8.',
    message: 'The request body is not JSON in UTF-8. Send one JSON object.',
  },
  MALFORMED_FORM: {
    status: 400,
    to: ['form'],
    retryable: false,
    meaning: 'The form is not URL-encoded text in UTF-8.',
    message:
      'The form is not URL-encoded text in UTF-8: encode every field, also "%" (as %25), "&" (as %26) and "+" (as %2B).',
  },
  VALIDATION_FAILED: {
    status: 400,
    to: ['body', 'parameters'],
    retryable: false,
    meaning: 'A field is missing or wrong; see `issues`.',
    message: (issues: readonly Issue[]) => {
      if (issues.length === 0) return 'The request is not valid.';
      const named = issues.slice(0, MOST_NAMED).map(({ path, message }) => `${path || 'body'}: ${message}`);
      const more = issues.length > MOST_NAMED ? `; and ${issues.length - MOST_NAMED} more, see issues` : '';
      return `The request is not valid: ${named.join('; ')}${more}.`;
    },
  },
  PHONE_INVALID: {
    status: 400,
    to: ['lead', 'list', 'assignment', 'phone'],
    retryable: false,
    meaning: 'The phone is not a 10-digit US number.',
    message: (reason: string) => reason,
  },
  NO_DIALER: {
    status: 400,
    to: ['lead'],
    retryable: false,
    meaning: 'The company has no dialer configured.',
    message: 'Your company has no dialer configured. Have one set up first.',
  },
  DIALER_FAMILY_UNSUPPORTED: {
    status: 400,
    to: ['lead'],
    retryable: false,
    meaning: "The company's dialer is of a family that is not served.",
    message: (served: string) =>
      `Your company's dialer is of a family that this endpoint does not serve. It serves ${served}.`,
  },
  DIALER_TOKEN_MISSING: {
    status: 400,
    to: ['lead'],
    retryable: false,
    meaning: "The company's dialer configuration lacks its API token or JWT credential.",
    message: ({ title, token, signsIn }: { title: string; token: string; signsIn: boolean }) =>
      `Your company's ${title} dialer has no API token${signsIn ? ' and no JWT credential' : ''}, so no lead can be sent to it. ` +
      `Ask the operator of this gateway to add ${signsIn ? 'one' : 'it'} (${token}), then submit the lead again.`,
  },

  CAMPAIGN_NOT_FOUND: {
    status: 404,
    to: ['lead', 'assignment'],
    retryable: false,
    meaning: 'The company has no campaign with this `campaignId`.',
    message: (againInS: number | undefined) =>
      againInS === undefined
        ? 'Your company has no campaign with this campaignId. Use the id that the dialer shows, and have the campaign added if it is new.'
        : `Your company has no campaign with this campaignId. Use the id that the dialer shows. The dialer is asked for new campaigns at most once a minute: if it is new, submit the lead again in ${againInS} s.`,
  },
  LEAD_NOT_FOUND: {
    status: 404,
    to: ['status'],
    retryable: false,
    meaning: 'The key reaches no such lead, or the lead is still only in the queue.',
    message:
      'This API key reaches no such lead, or the lead has been neither sent nor promised yet. Use the leadId or statusUrl of the response to the lead.',
  },
  NOT_FOUND: {
    status: 404,
    to: ['any'],
    retryable: false,
    meaning: 'There is nothing at this path.',
    message: 'There is nothing at this path. Submit leads to POST /live-feed/ringcx; /docs has all paths.',
  },
  METHOD_NOT_ALLOWED: {
    status: 405,
    to: ['any'],
    retryable: false,
    meaning: 'The path has other methods; see `Allow`.',
    message: (allow: string) => `This path does not have that method. It has: ${allow}.`,
  },
  REQUEST_TIMEOUT: {
    status: 408,
    to: ['any'],
    retryable: true,
    meaning: 'The request did not arrive in time.',
    message: 'The request did not arrive in time. Send it again, faster.',
  },
  DUPLICATE_LEAD: {
    status: 409,
    to: ['lead'],
    retryable: false,
    meaning:
      'The company has had a lead of this phone shortly before; see `duplicateOf`, which a key that is limited to campaigns gets for their leads only. Nothing was taken.',
    message: (earlier: 'shown' | 'hidden') =>
      `Your company has had a lead of this phone shortly before, so this one was not taken. ${
        earlier === 'shown'
          ? 'The earlier lead is in duplicateOf.'
          : 'The earlier lead is not shown, because this API key is limited to campaigns.'
      }`,
  },
  NOT_GIVEN_BACK: {
    status: 409,
    to: ['cancel'],
    retryable: false,
    meaning: 'The lead was not given back: it has been sent, is being sent, or has ended.',
    message:
      'The lead cannot be given back: it has been sent, is being sent, or has ended. Look at statusUrl. If it is ACCEPTED, DELETE with ?inDialer=cancel cancels it in the dialer.',
    showsStatus: true,
  },
  DIALER_LEAD_ENDED: {
    status: 409,
    to: ['cancel'],
    retryable: false,
    meaning: 'It is too late to cancel the lead in the dialer: its dialing has ended.',
    message:
      'It is too late: the dialing of this lead has ended, so it was not cancelled. What the dialer says of it is in inDialer.',
    showsStatus: true,
  },
  DIALER_LEAD_ABSENT: {
    status: 409,
    to: ['cancel'],
    retryable: false,
    meaning: 'The dialer does not show the lead, so it was not cancelled.',
    message:
      'The dialer does not show this lead, so it was not cancelled. A lead that was loaded a moment ago can take seconds to show: repeat the request then.',
    showsStatus: true,
  },
  DIALER_CANNOT_CANCEL: {
    status: 409,
    to: ['cancel'],
    retryable: false,
    meaning: 'The dialer has no way to cancel a lead that it has.',
    message: 'Your company’s dialer has no way to cancel a lead that it has. Cancel it there by hand.',
    showsStatus: true,
  },
  BODY_TOO_LARGE: {
    status: 413,
    to: ['body'],
    retryable: false,
    meaning: 'The body has more than 64 KiB.',
    message: (mostBytes: number) => `The request body is too large. Send at most ${mostBytes} bytes.`,
  },
  UNSUPPORTED_MEDIA_TYPE: {
    status: 415,
    to: ['body'],
    retryable: false,
    meaning: 'The body is not `application/json`, or it is a form and the company has not switched those on.',
    message: (about: 'another' | 'forms are off') => {
      const asked = 'Send the request as "Content-Type: application/json" and without a Content-Encoding.';
      if (about === 'another') return asked;
      return `${asked} Form posts are off for your company: to have them switched on, ask the operator of this gateway for "company set --form-posts on".`;
    },
  },
  IDEMPOTENCY_KEY_REUSED: {
    status: 422,
    to: ['lead'],
    retryable: false,
    meaning: 'The `Idempotency-Key` came with another request before.',
    message: 'This Idempotency-Key came with another request before. Use a new key for a new request.',
  },
  HEADERS_TOO_LARGE: {
    status: 431,
    to: ['any'],
    retryable: false,
    meaning: 'The headers have more than 16 KiB.',
    message: (limitBytes: number) => `The request headers are too large. Send less than ${limitBytes} bytes.`,
  },
} as const satisfies Readonly<Record<string, ApiErrorEntry>>;
