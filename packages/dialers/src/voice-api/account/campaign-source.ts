/** Campaigns and accounts over the voice API. */
import type { AccountListing, CampaignSource } from '../../account.ts';
import type { LoaderCalls } from '../../family.ts';
import type { DialerAccount } from '../../lead-loader.ts';
import { successOf, unreadable } from '../no-answer.ts';
import { accountsUrl, dialGroupsUrl } from './account-request.ts';
import { idOf, listCampaigns, nameOf, rowsOf } from './campaign-list.ts';

/** Dial groups on a page; each comes with all of its campaigns. */
const GROUPS_PER_PAGE = 100;
/** Accounts of one token; more are not looked at. */
const MOST_ACCOUNTS = 1_000;

const NO_URL = { kind: 'unreachable', reason: 'no usable URL from base URL and account id' } as const;

export function createCampaignSource(calls: LoaderCalls): CampaignSource {
  const { call, limits, maxSearchBytes } = calls;

  async function get(account: DialerAccount, url: URL | undefined, mayAsk: () => Promise<boolean>) {
    if (url === undefined) return NO_URL;
    const request = { url, body: undefined, mayWrite: () => true, maxAnswerBytes: maxSearchBytes };
    return successOf(await call(account, { method: 'GET', ...request }, mayAsk), limits);
  }

  return {
    listCampaigns: (account, mayAsk) =>
      listCampaigns(GROUPS_PER_PAGE, async (page) => {
        if (!(await mayAsk())) return { kind: 'throttled' };
        const url = dialGroupsUrl(account.baseUrl, account.accountId, page, GROUPS_PER_PAGE);
        return get(account, url, mayAsk);
      }),

    async listAccounts(account): Promise<AccountListing> {
      const answer = await get(account, accountsUrl(account.baseUrl), async () => true);
      if (answer.kind !== 'answer') return answer;
      const rows = rowsOf(answer.body, 'accounts')?.slice(0, MOST_ACCOUNTS);
      if (rows === undefined) return unreadable(answer);
      const accounts = rows.flatMap((row) => {
        const accountId = idOf(row['accountId']);
        return accountId === undefined ? [] : [{ accountId, name: nameOf(row['accountName']) }];
      });
      return { kind: 'listed', accounts };
    },
  };
}
