/** Decides which requests a rule matches. Pure; lists become sets once, when the scenario is set. */
import type { Family } from '../api/lead-store.ts';
import type { Match } from './scenario.ts';

/** The fields by which a rule can match a request and its leads. */
export interface Occasion {
  readonly family: Family;
  readonly accountId: string;
  /** Of a call that signs in. */
  readonly clientId?: string;
  readonly campaignIds: readonly string[];
  readonly leads: readonly { readonly externId: string | undefined; readonly phone: string }[];
}

export interface Matcher {
  /** Whether the request matches: one matching lead is enough. */
  readonly request: (occasion: Occasion) => boolean;
  /** Whether this lead of a matching request matches. */
  readonly lead: (lead: Occasion['leads'][number]) => boolean;
}

export function createMatcher(match: Match): Matcher {
  const accountIds = toSet(match.accountId);
  const clientIds = toSet(match.clientId);
  const campaignIds = toSet(match.campaignId);
  const phones = toSet(match.phone);
  const externIds = toSet(match.externId);

  const namesLeads = phones !== undefined || externIds !== undefined;
  const lead: Matcher['lead'] = ({ externId, phone }) =>
    (phones === undefined || phones.has(phone)) &&
    (externIds === undefined || (externId !== undefined && externIds.has(externId)));

  return {
    lead,
    request: (occasion) =>
      (match.family === undefined || match.family === occasion.family) &&
      (accountIds === undefined || accountIds.has(occasion.accountId)) &&
      (clientIds === undefined || clientIds.has(occasion.clientId ?? '')) &&
      (campaignIds === undefined || occasion.campaignIds.some((id) => campaignIds.has(id))) &&
      (match.minLeads === undefined || occasion.leads.length >= match.minLeads) &&
      (!namesLeads || occasion.leads.some(lead)),
  };
}

function toSet(values: string | readonly string[] | undefined): ReadonlySet<string> | undefined {
  if (values === undefined) return undefined;
  return new Set(typeof values === 'string' ? [values] : values);
}
