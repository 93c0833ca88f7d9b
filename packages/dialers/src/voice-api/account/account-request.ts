/** The requests around leads and campaigns, as pure functions. URLs as in `voice-api-request.ts`: undefined where the parts make none. */
import { leadSearchBody, urlBelow } from '../voice-api-request.ts';

/** @param page counted from 1 */
export function dialGroupsUrl(
  baseUrl: string,
  accountId: string,
  page: number,
  maxRows: number,
): URL | undefined {
  const path = `v1/admin/accounts/${encodeURIComponent(accountId)}/dialGroups/withChildren`;
  return urlBelow(baseUrl, `${path}?page=${page}&maxRows=${maxRows}`);
}

export function accountsUrl(baseUrl: string): URL | undefined {
  return urlBelow(baseUrl, 'v1/admin/accounts');
}

export function cancelLeadsUrl(baseUrl: string, accountId: string): URL | undefined {
  const path = `v1/admin/accounts/${encodeURIComponent(accountId)}/campaignLeads/actions`;
  return urlBelow(baseUrl, `${path}?leadAction=CANCEL_LEADS`);
}

/** An action without externIds would apply to every lead of the campaign. @throws RangeError for none */
export function cancelLeadsBody(campaignId: string, externIds: readonly string[]) {
  if (externIds.length === 0) throw new RangeError('Leads to be cancelled are named one by one.');
  const { campaignIds } = leadSearchBody(campaignId, externIds);
  return { campaignLeadSearchCriteria: { externIds, campaignIds } };
}
