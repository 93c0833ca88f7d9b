/** What an answer means that is no success, wherever a request changes nothing. */
import type { NoAnswer } from '../account.ts';
import type { NotAuthorised } from '../http/authorise.ts';
import type { Exchange, WholeAnswer } from '../http/exchange.ts';
import { describeBreak, describeStatus, isSuccess } from '../http/exchange-outcome.ts';
import type { CallLimits } from '../lead-loader.ts';
import { isOwnRefusal } from './own-answer.ts';

/** The answer, if it is whole and has a status of success. */
export function successOf(exchange: Exchange | NotAuthorised, limits: CallLimits): WholeAnswer | NoAnswer {
  if (exchange.kind === 'sign_in_refused' || exchange.kind === 'not_now') return notSent(exchange);
  if (exchange.kind === 'broken') {
    const reason = describeBreak(exchange, limits);
    return exchange.phase === 'written' ? { kind: 'failed', reason } : { kind: 'unreachable', reason };
  }
  return isSuccess(exchange.httpStatus) ? exchange : refusal(exchange);
}

/** What a call without headers means. */
export function notSent(why: NotAuthorised): NoAnswer {
  if (why.kind === 'sign_in_refused') return { kind: 'token_refused', reason: why.reason };
  const { reason, retryAfterMs } = why;
  return retryAfterMs === undefined ? { kind: 'unreachable', reason } : { kind: 'throttled', retryAfterMs };
}

function refusal(answer: WholeAnswer): NoAnswer {
  const { httpStatus, retryAfterMs } = answer;
  const isOwn = isOwnRefusal(answer);
  const reason = isOwn
    ? describeStatus(httpStatus)
    : `${describeStatus(httpStatus)}, not in the dialing system's own words: a proxy or a firewall may have answered`;
  switch (httpStatus) {
    case 401:
    case 403:
      return { kind: isOwn ? 'token_refused' : 'failed', reason };
    case 404:
      return { kind: 'not_found', reason };
    case 429:
      return { kind: 'throttled', ...(retryAfterMs !== undefined && { retryAfterMs }) };
    default:
      return { kind: 'failed', reason: describeStatus(httpStatus) };
  }
}

/** A success whose body is not what was asked for. */
export function unreadable({ httpStatus }: WholeAnswer): NoAnswer {
  return { kind: 'failed', reason: describeStatus(httpStatus) };
}
