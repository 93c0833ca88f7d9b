/**
 * A lead loader over the RingCX voice API, shared by the families that speak its wire format.
 * Source: RingCentral's RingCX documentation and OpenAPI file ("direct lead load", "lead search").
 */
import type { LoaderCalls } from '../family.ts';
import type { SignInMode } from '../http/authorise.ts';
import type { DialerAccount, LeadLoader, UploadResult } from '../lead-loader.ts';
import { classifyCheck, NO_LEAD } from './classify-check.ts';
import { classifyUpload } from './classify-upload.ts';
import { searchLeads } from './lead-search.ts';
import { directLoadBody, directLoadUrl, leadSearchBody, leadSearchUrl } from './voice-api-request.ts';

/** externIds per search: the default maximum of one upload, about 20 KB of request. */
const IDS_PER_SEARCH = 500;
/** Twice that, so that an id that is held twice does not cost a page. */
const ROWS_PER_PAGE = 1_000;

const NO_URL = 'no usable URL from base URL, account id and campaign id';

const never = async () => false;

export function createVoiceApiLoader(calls: LoaderCalls): LeadLoader {
  const { authorise, call, limits, maxAnswerBytes, maxSearchBytes } = calls;

  const search = (
    account: DialerAccount,
    url: URL,
    body: unknown,
    mayAsk: () => Promise<boolean>,
    how?: SignInMode,
  ) => call(account, { url, body, mayWrite: () => true, maxAnswerBytes: maxSearchBytes }, mayAsk, how);

  return {
    canReadBack: true,

    async prepare(account) {
      await authorise(account, 'present');
    },

    async upload(account, request, mayWrite, mayRepeat = never): Promise<UploadResult> {
      const url = directLoadUrl(account.baseUrl, account.accountId, request.campaignId);
      if (!url) return { kind: 'never_sent', reason: NO_URL };
      const body = directLoadBody(request);
      const answer = await call(account, { url, body, mayWrite, maxAnswerBytes }, mayRepeat);
      return classifyUpload(answer, limits, request.leads);
    },

    async readBack(account, campaignId, externIds, mayAsk) {
      const found: string[] = [];
      for (let from = 0; from < externIds.length; from += IDS_PER_SEARCH) {
        const ids = externIds.slice(from, from + IDS_PER_SEARCH);
        const result = await searchLeads(ids, limits, ROWS_PER_PAGE, async (page, wanted) => {
          const url = leadSearchUrl(account.baseUrl, account.accountId, page, ROWS_PER_PAGE);
          if (!url) return { kind: 'failed', reason: NO_URL };
          if (!(await mayAsk())) return { kind: 'throttled' };
          return search(account, url, leadSearchBody(campaignId, wanted), mayAsk);
        });
        if (result.kind !== 'found') return result;
        found.push(...result.externIds);
      }
      return { kind: 'found', externIds: found };
    },

    async check(account, campaignId) {
      const url = leadSearchUrl(account.baseUrl, account.accountId, 1, 1);
      if (!url) return { kind: 'unreachable', reason: NO_URL };
      const body = leadSearchBody(campaignId, [NO_LEAD]);
      return classifyCheck(await search(account, url, body, async () => true, 'anew'), limits);
    },
  };
}
