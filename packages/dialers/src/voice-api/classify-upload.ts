/**
 * What an exchange tells about an upload's effect. The rule behind every line: *never sent* only where not one byte can
 * have left, *refused* only where the dialing system itself said so in a whole answer. All else has to be verified.
 */

import type { NotAuthorised } from '../http/authorise.ts';
import type { Exchange, WholeAnswer } from '../http/exchange.ts';
import { classifyBreak, describeStatus, isRedirect, isSuccess } from '../http/exchange-outcome.ts';
import type { CallLimits, UploadLead, UploadResult } from '../lead-loader.ts';
import { attribute } from './attribution.ts';
import { isLoaderAnswer } from './loader-answer.ts';
import { isOwnRefusal, isPage, isThrottling } from './own-answer.ts';

/** @param leads the upload's, in its order */
export function classifyUpload(
  exchange: Exchange | NotAuthorised,
  limits: CallLimits,
  leads: readonly UploadLead[],
): UploadResult {
  switch (exchange.kind) {
    case 'answer':
      return classifyAnswer(exchange, leads);
    case 'broken':
      return classifyBreak(exchange, limits);
    case 'sign_in_refused':
      return { kind: 'token_refused', httpStatus: exchange.httpStatus, json: null };
    case 'not_now': {
      const { kind, ...why } = exchange;
      return { kind: 'never_sent', ...why };
    }
  }
}

function classifyAnswer(answer: WholeAnswer, leads: readonly UploadLead[]): UploadResult {
  const { httpStatus, retryAfterMs, body, json } = answer;
  if (isSuccess(httpStatus) && json !== null && isLoaderAnswer(body)) {
    const verdicts = attribute(body, json, leads);
    return { kind: 'answered', httpStatus, tookSome: body.leadsAccepted > 0, verdicts, json };
  }
  const pause = retryAfterMs === undefined ? {} : { retryAfterMs };
  if (httpStatus === 429 && isThrottling(answer)) {
    return { kind: 'throttled', httpStatus, ...pause, json };
  }
  const reason = describeStatus(httpStatus);
  if (isForeign(answer)) return { kind: 'foreign', reason, httpStatus, ...pause, json };
  switch (httpStatus) {
    case 401:
    case 403:
      return { kind: 'token_refused', httpStatus, json };
    case 404:
      return { kind: 'campaign_unknown', httpStatus, json };
  }
  if (isClientError(httpStatus)) return { kind: 'refused', httpStatus, json };
  return { kind: 'unknown', reason, unreadable: isSuccess(httpStatus), httpStatus, json };
}

/**
 * A whole answer that only something in front of the dialing system can have given. What gives up on a call that is still under way
 * says so with 408 or a 5xx: of those nothing is known, whoever they are from.
 */
function isForeign(answer: WholeAnswer): boolean {
  const { httpStatus, body } = answer;
  if (isSuccess(httpStatus)) return isPage(body);
  if (isRedirect(httpStatus)) return true;
  return isClientError(httpStatus) && !isOwnRefusal(answer);
}

/** 408 is a 4xx in number only: the server tells of its own time-out (RFC 9110, section 15.5.9). */
function isClientError(httpStatus: number): boolean {
  return httpStatus >= 400 && httpStatus < 500 && httpStatus !== 408;
}
