/**
 * A lead loader over the RingCX voice API, shared by the families that speak its wire format.
 * Source: RingCentral's RingCX documentation and OpenAPI file ("direct lead load", "lead search").
 */
import { classifyCheck, NOBODY } from './check-account.ts';
import { classifyUpload } from './classify-failure.ts';
import type { Connections } from './connections.ts';
import { type ExchangeSettings, exchange } from './exchange.ts';
import type { DialerAccount, FoundLead, LeadLoader, UploadResult } from './lead-loader.ts';
import { searchLeads } from './lead-search.ts';
import { directLoadBody, directLoadUrl, leadSearchBody, leadSearchUrl } from './voice-api-request.ts';

export interface VoiceApiOptions {
  readonly family: string;
  /** The request header that carries the token. */
  readonly authHeader: string;
  /** Owned by the loader: its `close` closes them. */
  readonly connections: Connections;
  readonly exchangeSettings: ExchangeSettings;
}

/** externIds per search: the default maximum of one upload, about 20 KB of request. */
const IDS_PER_SEARCH = 500;
/** Twice that: an id that is held twice should not cost a page. */
const ROWS_PER_PAGE = 1_000;

/** RingCX's documented limits, per sub-account. */
const VOICE_API_WINDOWS: LeadLoader['windows'] = {
  upload: [
    { requests: 30, perMs: 10_000 },
    { requests: 120, perMs: 60_000 },
  ],
  readBack: [
    { requests: 15, perMs: 10_000 },
    { requests: 60, perMs: 30_000 },
  ],
};

const NO_URL = 'no usable URL from base URL, account id and campaign id';

export function createVoiceApiLoader(options: VoiceApiOptions): LeadLoader {
  const { family, authHeader, connections, exchangeSettings } = options;
  const { limits } = exchangeSettings;

  const post = (account: DialerAccount, url: URL, body: unknown, mayWrite: () => boolean) =>
    exchange(connections, exchangeSettings, {
      url,
      headers: { [authHeader]: account.token },
      body,
      mayWrite,
    });

  return {
    family,
    canReadBack: true,

    async upload(account, request, mayWrite): Promise<UploadResult> {
      const url = directLoadUrl(account.baseUrl, account.accountId, request.campaignId);
      if (!url) return { kind: 'never_sent', reason: NO_URL, body: null };
      return classifyUpload(await post(account, url, directLoadBody(request), mayWrite), limits);
    },

    windows: VOICE_API_WINDOWS,

    async readBack(account, campaignId, externIds, mayAsk) {
      const leads: FoundLead[] = [];
      for (let from = 0; from < externIds.length; from += IDS_PER_SEARCH) {
        const ids = externIds.slice(from, from + IDS_PER_SEARCH);
        const result = await searchLeads(ids, limits, async (page) => {
          const url = leadSearchUrl(account.baseUrl, account.accountId, page, ROWS_PER_PAGE);
          if (!url) return { kind: 'failed', reason: NO_URL };
          if (!(await mayAsk())) return { kind: 'throttled' };
          return post(account, url, leadSearchBody(campaignId, ids), () => true);
        });
        if (result.kind !== 'found') return result;
        leads.push(...result.leads);
      }
      return { kind: 'found', leads };
    },

    async check(account, campaignId) {
      const url = leadSearchUrl(account.baseUrl, account.accountId, 1, 1);
      if (!url) return { kind: 'unreachable', reason: NO_URL };
      const search = leadSearchBody(campaignId, [NOBODY]);
      return classifyCheck(await post(account, url, search, () => true), limits);
    },

    async close() {
      connections.close();
    },
  };
}
