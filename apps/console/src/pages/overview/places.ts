import type { Attention, AttentionKind } from '@live-feed/operations/overview/attention';
import { type AccessTable, mayUse, type Person } from '../../sign-in/access.ts';

/** By what needs a person, the page where it is seen to: a route of the console with a query. Null: there is none. */
export const PLACES: Readonly<Record<AttentionKind, string | null>> = {
  parked_leads: '/leads?company=:company&campaign=:campaign&state=PARKED',
  dialer_held: '/dialers/:company',
  dialer_failing: '/dialers/:company',
  dialer_paused: '/dialers/:company',
  leads_wait: '/dialers/:company',
  caller_ids_used_up: '/caller-ids/:company',
  webhook_off: '/companies/:company/webhooks/:webhook',
  webhook_failing: '/companies/:company/webhooks/:webhook',
  key_ends: '/companies/:company/keys/:key',
  campaigns_not_read: '/dialers/:company',
  campaign_paused: '/dialers/:company',
  phone_check_silent: '/companies/:company',
  acceptance_fell: '/dialers/:company/campaigns/:campaignId',
  no_leads: '/dialers/:company/campaigns/:campaignId',
  old_leads_kept: null,
  redis_unavailable: null,
};

/** Relative to the console; undefined if there is no page for it, or the person may not use that. */
export function placeOf(
  { kind, companyId, campaignId, thing }: Pick<Attention, 'kind' | 'companyId' | 'campaignId' | 'thing'>,
  pages: AccessTable,
  person: Person,
): string | undefined {
  const place = PLACES[kind];
  if (place === null) return undefined;
  const access = pages.get(`GET ${routeOf(place)}`);
  if (access === undefined || !mayUse(access, person)) return undefined;
  const values: Readonly<Record<string, string | null>> = {
    ...{ company: companyId, campaign: campaignId, campaignId, webhook: thing, key: thing },
  };
  return place.slice(1).replaceAll(/:(\w+)/g, (_, name: string) => encodeURIComponent(values[name] ?? ''));
}

export function routeOf(place: string): string {
  return place.replace(/\?.*/, '');
}
