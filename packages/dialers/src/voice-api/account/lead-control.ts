/** Leads that have been loaded, over the voice API: how far their dialing has come, and cancelling them. */
import type { LeadProgress } from '@live-feed/core/directory/errand';
import type { CancelResult, LeadControl, ProgressResult } from '../../account.ts';
import type { LoaderCalls } from '../../family.ts';
import type { NotAuthorised } from '../../http/authorise.ts';
import type { Exchange } from '../../http/exchange.ts';
import { describeBreak, describeStatus, isSuccess } from '../../http/exchange-outcome.ts';
import type { CallLimits, DialerAccount } from '../../lead-loader.ts';
import { readSearchRows } from '../lead-search.ts';
import { notSent, successOf, unreadable } from '../no-answer.ts';
import { isOwnRefusal, isPage, isThrottling } from '../own-answer.ts';
import { leadSearchBody, leadSearchUrl } from '../voice-api-request.ts';
import { cancelLeadsBody, cancelLeadsUrl } from './account-request.ts';

/** One lead is asked for. A full page without it is of a dialing system that ignores which one. */
const ROWS = 10;
const LONGEST_TEXT = 255;

const NO_URL = { kind: 'unreachable', reason: 'no usable URL from base URL and account id' } as const;

/** The states of RingCentral's documentation in which nothing is dialled any more. */
const ENDED: ReadonlySet<string> = new Set([
  'COMPLETE',
  'DISCONNECTED',
  'DO-NOT-CALL',
  'INTERCEPT',
  'MAX-DIAL-LIMIT',
]);

export function createLeadControl(calls: LoaderCalls): LeadControl {
  const { call, limits, maxAnswerBytes } = calls;

  const send = (account: DialerAccount, method: 'POST' | 'PUT', url: URL, body: unknown) =>
    call(account, { method, url, body, mayWrite: () => true, maxAnswerBytes }, async () => true);

  return {
    async progressOf(account, campaignId, externId) {
      const url = leadSearchUrl(account.baseUrl, account.accountId, 1, ROWS);
      if (url === undefined) return NO_URL;
      const body = leadSearchBody(campaignId, [externId]);
      return readProgress(await send(account, 'POST', url, body), limits, externId);
    },

    async cancel(account, campaignId, externIds) {
      const url = cancelLeadsUrl(account.baseUrl, account.accountId);
      if (url === undefined) return NO_URL;
      const body = cancelLeadsBody(campaignId, externIds);
      return classifyCancel(await send(account, 'PUT', url, body), limits);
    },

    standingOf(leadState) {
      if (leadState.toUpperCase() === 'CANCELLED') return 'cancelled';
      return ENDED.has(leadState.toUpperCase().replaceAll('_', '-')) ? 'ended' : 'open';
    },
  };
}

function readProgress(
  exchange: Exchange | NotAuthorised,
  limits: CallLimits,
  externId: string,
): ProgressResult {
  const answer = successOf(exchange, limits);
  if (answer.kind !== 'answer') return answer;
  const rows = readSearchRows(answer.body);
  if (rows === undefined) return unreadable(answer);
  const row = rows.find((each) => each['externId'] === externId);
  if (row === undefined) {
    return rows.length < ROWS
      ? { kind: 'absent' }
      : { kind: 'failed', reason: 'the search finds other leads than the one it was asked for' };
  }
  const leadState = textOf(row['leadState']);
  if (leadState === null) return { kind: 'failed', reason: 'the search shows the lead without its state' };
  return { kind: 'found', progress: { leadState, ...dialled(row) } };
}

function dialled(row: Readonly<Record<string, unknown>>): Omit<LeadProgress, 'leadState'> {
  const passes = row['leadPasses'];
  return {
    leadPasses: typeof passes === 'number' && Number.isSafeInteger(passes) && passes >= 0 ? passes : null,
    lastPassDisposition: textOf(row['lastPassDisposition']),
    lastPassDts: textOf(row['lastPassDts']),
    nextDialTime: textOf(row['nextDialTime']),
  };
}

function textOf(value: unknown): string | null {
  if (typeof value !== 'string') return null;
  const plain = value.replaceAll(/\p{C}+/gu, ' ').trim();
  return plain === '' ? null : [...plain].slice(0, LONGEST_TEXT).join('');
}

/** *No effect* only where not one byte can have left, or in the dialing system's own words. */
function classifyCancel(exchange: Exchange | NotAuthorised, limits: CallLimits): CancelResult {
  if (exchange.kind === 'sign_in_refused' || exchange.kind === 'not_now') return notSent(exchange);
  if (exchange.kind === 'broken') {
    const reason = describeBreak(exchange, limits);
    return { kind: exchange.phase === 'written' ? 'unknown' : 'unreachable', reason };
  }
  const { httpStatus, body } = exchange;
  if (isSuccess(httpStatus)) {
    return isPage(body) ? { kind: 'unknown', reason: describeStatus(httpStatus) } : { kind: 'taken' };
  }
  const none = successOf(exchange, limits);
  const hadNoEffect =
    (none.kind === 'throttled' && isThrottling(exchange)) || (httpStatus < 500 && isOwnRefusal(exchange));
  if (none.kind !== 'answer' && hadNoEffect) return none;
  return { kind: 'unknown', reason: describeStatus(httpStatus) };
}
