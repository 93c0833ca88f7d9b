import { z } from 'zod';
import type { DialerFamily, LoaderCalls } from '../family.ts';
import type { Exchange } from '../http/exchange.ts';
import {
  classifyBreak,
  describeBreak,
  describeStatus,
  isRedirect,
  isSuccess,
} from '../http/exchange-outcome.ts';
import type { DialerAccount, LeadLoader, LeadVerdict, UploadRequest, UploadResult } from '../lead-loader.ts';

/** A family with a wire format of its own, written by the steps of `docs/adding-a-dialer-family.md`. */
export const third: DialerFamily = {
  name: 'third',
  title: 'The Third',
  token: 'apiAuthToken',
  authHeader: 'X-Third-Key',
  windows: { upload: [{ requests: 10, perMs: 1_000 }], readBack: [{ requests: 10, perMs: 1_000 }] },
  uploadBody,
  createLoader: createThirdLoader,
};

const answerSchema = z.object({ results: z.array(z.object({ ref: z.string(), taken: z.boolean() })) });
const foundSchema = z.object({ people: z.array(z.looseObject({ ref: z.string() })) });
const refusalSchema = z.object({ problem: z.string() });

const NO_URL = 'no usable URL from base URL, account id and campaign id';

function uploadBody({ leads }: UploadRequest) {
  return { people: leads.map(({ externId, phone, fields }) => ({ ...fields, ref: externId, tel: phone })) };
}

function createThirdLoader({ exchange, authHeader, limits, ...bounds }: LoaderCalls): LeadLoader {
  const headers = ({ credential }: DialerAccount) => ({
    [authHeader]: credential.kind === 'token' ? credential.token : '',
  });

  function find(account: DialerAccount, campaign: string, refs: readonly string[]) {
    const url = urlOf(account, 'people', 'find');
    const maxAnswerBytes = bounds.maxSearchBytes;
    const body = { campaign, refs };
    return url && exchange({ url, headers: headers(account), body, mayWrite: always, maxAnswerBytes });
  }

  return {
    canReadBack: true,

    async upload(account, request, mayWrite) {
      const { campaignId, leads } = request;
      const url = urlOf(account, 'campaigns', campaignId);
      if (!url) return { kind: 'never_sent', reason: NO_URL };
      const { maxAnswerBytes } = bounds;
      const call = { url, headers: headers(account), body: uploadBody(request), mayWrite, maxAnswerBytes };
      const answer = await exchange(call);
      return answer.kind === 'broken' ? classifyBreak(answer, limits) : classify(answer, leads);
    },

    async readBack(account, campaignId, externIds, mayAsk) {
      if (!(await mayAsk())) return { kind: 'throttled' };
      const answer = await find(account, campaignId, externIds);
      if (answer === undefined) return { kind: 'failed', reason: NO_URL };
      if (answer.kind === 'broken') return { kind: 'failed', reason: describeBreak(answer, limits) };
      if (answer.httpStatus === 429) return { kind: 'throttled', ...pauseOf(answer) };
      const { data } = foundSchema.safeParse(answer.body);
      if (!isSuccess(answer.httpStatus) || data === undefined) {
        return { kind: 'failed', reason: describeStatus(answer.httpStatus) };
      }
      return { kind: 'found', externIds: data.people.map(({ ref }) => ref) };
    },

    async check(account, campaignId) {
      const answer = await find(account, campaignId, ['nobody']);
      if (answer === undefined) return { kind: 'unreachable', reason: NO_URL };
      if (answer.kind === 'broken') {
        const kind = answer.phase === 'written' ? 'failed' : 'unreachable';
        return { kind, reason: describeBreak(answer, limits) };
      }
      const reason = describeStatus(answer.httpStatus);
      if (answer.httpStatus === 429) return { kind: 'throttled', ...pauseOf(answer) };
      if (foundSchema.safeParse(answer.body).success && isSuccess(answer.httpStatus))
        return { kind: 'works' };
      const isOwn = refusalSchema.safeParse(answer.body).success;
      if (isOwn && (answer.httpStatus === 401 || answer.httpStatus === 403)) {
        return { kind: 'token_refused', reason };
      }
      return { kind: isOwn && answer.httpStatus === 404 ? 'not_found' : 'failed', reason };
    },
  };
}

const always = () => true;

function urlOf({ baseUrl, accountId }: DialerAccount, room: string, id: string): URL | undefined {
  if (!URL.canParse(baseUrl)) return undefined;
  return new URL(`${baseUrl}/${encodeURIComponent(accountId)}/${room}/${encodeURIComponent(id)}`);
}

type WholeAnswer = Extract<Exchange, { kind: 'answer' }>;

const pauseOf = ({ retryAfterMs }: WholeAnswer) => (retryAfterMs === undefined ? {} : { retryAfterMs });

function classify(answer: WholeAnswer, leads: UploadRequest['leads']): UploadResult {
  const { httpStatus, body, json } = answer;
  const { data } = answerSchema.safeParse(body);
  if (isSuccess(httpStatus) && data !== undefined && json !== null) {
    const taken = new Map(data.results.map((result) => [result.ref, result.taken]));
    const verdicts = leads.map(({ externId: ref }): LeadVerdict => {
      const response = JSON.stringify({ ref, taken: taken.get(ref) ?? null });
      if (!taken.has(ref)) return { kind: 'undecided', ifAbsent: response };
      return { kind: taken.get(ref) ? 'accepted' : 'rejected', response };
    });
    return { kind: 'answered', httpStatus, tookSome: [...taken.values()].includes(true), verdicts, json };
  }
  if (httpStatus === 429) return { kind: 'throttled', httpStatus, ...pauseOf(answer), json };
  const reason = describeStatus(httpStatus);
  const isPage = typeof body === 'string' && body.startsWith('<');
  const isClientError = httpStatus >= 400 && httpStatus < 500;
  const isOwn = refusalSchema.safeParse(body).success;
  if (isRedirect(httpStatus) || (isSuccess(httpStatus) && isPage) || (isClientError && !isOwn)) {
    return { kind: 'foreign', reason, httpStatus, json };
  }
  if (!isClientError) {
    return { kind: 'unknown', reason, unreadable: isSuccess(httpStatus), httpStatus, json };
  }
  if (httpStatus === 404) return { kind: 'campaign_unknown', httpStatus, json };
  const isToken = httpStatus === 401 || httpStatus === 403;
  return { kind: isToken ? 'token_refused' : 'refused', httpStatus, json };
}
