/** What the answer to a harmless search says of an account: whether leads can be loaded with its configuration. */

import type { NotAuthorised } from '../http/authorise.ts';
import type { Exchange } from '../http/exchange.ts';
import type { CallLimits, CheckResult } from '../lead-loader.ts';
import { readSearchRows } from './lead-search.ts';
import { successOf, unreadable } from './no-answer.ts';

/** No lead of ours has it: the nil UUID, RFC 9562. */
export const NO_LEAD = '00000000-0000-0000-0000-000000000000';

/** @param exchange of a search for `NO_LEAD` */
export function classifyCheck(exchange: Exchange | NotAuthorised, limits: CallLimits): CheckResult {
  const answer = successOf(exchange, limits);
  if (answer.kind !== 'answer') return answer;
  return readSearchRows(answer.body) ? { kind: 'works' } : unreadable(answer);
}
