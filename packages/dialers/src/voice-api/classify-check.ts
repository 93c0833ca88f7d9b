/** What the answer to a harmless search says of an account: whether leads can be loaded with its configuration. */

import type { Exchange } from '../http/exchange.ts';
import { describeBreak, describeStatus, isSuccess } from '../http/exchange-outcome.ts';
import type { CallLimits, CheckResult } from '../lead-loader.ts';
import { readSearchRows } from './lead-search.ts';
import { isOwnRefusal } from './own-answer.ts';

/** No lead of ours has it: the nil UUID, RFC 9562. */
export const NO_LEAD = '00000000-0000-0000-0000-000000000000';

/** @param exchange of a search for `NO_LEAD` */
export function classifyCheck(exchange: Exchange, limits: CallLimits): CheckResult {
  if (exchange.kind === 'broken') {
    const reason = describeBreak(exchange, limits);
    return exchange.phase === 'written' ? { kind: 'failed', reason } : { kind: 'unreachable', reason };
  }
  const { httpStatus, retryAfterMs, body } = exchange;
  const reason = isOwnRefusal(exchange)
    ? describeStatus(httpStatus)
    : `${describeStatus(httpStatus)}, not in the dialing system's own words: a proxy or a firewall may have answered`;
  switch (httpStatus) {
    case 401:
    case 403:
      return { kind: isOwnRefusal(exchange) ? 'token_refused' : 'failed', reason };
    case 404:
      return { kind: 'not_found', reason };
    case 429:
      return { kind: 'throttled', ...(retryAfterMs !== undefined && { retryAfterMs }) };
  }
  return isSuccess(httpStatus) && readSearchRows(body)
    ? { kind: 'works' }
    : { kind: 'failed', reason: describeStatus(httpStatus) };
}
