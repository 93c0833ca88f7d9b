import type { Attention, AttentionKind } from '@live-feed/operations/overview/attention';
import type { AccessTable } from '../../sign-in/access.ts';

interface Place {
  /** Its page. */
  readonly route: string;
  readonly query?: Readonly<Record<string, string>>;
}

const PLACES: Readonly<Record<AttentionKind, Place | undefined>> = {
  parked_leads: { route: '/leads', query: { state: 'PARKED' } },
  dialer_held: { route: '/dialers/:company' },
  dialer_failing: { route: '/dialers/:company' },
  dialer_paused: { route: '/dialers/:company' },
  leads_wait: { route: '/dialers/:company' },
  caller_ids_used_up: { route: '/caller-ids' },
  webhook_off: { route: '/companies/:company' },
  webhook_failing: { route: '/companies/:company' },
  key_ends: { route: '/companies/:company' },
  campaigns_not_read: { route: '/dialers/:company' },
  acceptance_fell: { route: '/leads' },
  no_leads: { route: '/leads' },
  old_leads_kept: undefined,
  redis_unavailable: undefined,
};

/** Where it is mended, relative to the console; undefined if there is no page for it. */
export function mendLink(
  { kind, companyId, campaignId }: Pick<Attention, 'kind' | 'companyId' | 'campaignId'>,
  pages: AccessTable,
): string | undefined {
  const place = PLACES[kind];
  if (place === undefined || companyId === null || !pages.has(`GET ${place.route}`)) return undefined;
  const isInPath = place.route.includes(':company');
  const query = new URLSearchParams({
    ...(isInPath ? {} : { company: companyId }),
    ...(isInPath || campaignId === null ? {} : { campaign: campaignId }),
    ...place.query,
  });
  const path = place.route.slice(1).replace(':company', companyId);
  return query.size === 0 ? path : `${path}?${query}`;
}
