import type { OperationName } from '@live-feed/operations/refusal';

interface PageLink {
  /** Relative to the console. */
  readonly href: string;
  readonly text: string;
}

const COMPANIES: PageLink = { href: 'companies', text: 'Companies' };
const ALERTS: PageLink = { href: 'alerts', text: 'Alerts' };
const DIALERS: PageLink = { href: 'dialers', text: 'Dialers' };

/** By the operations' groups. */
const PAGES: Readonly<Record<string, PageLink>> = {
  alert: ALERTS,
  'alert-channel': ALERTS,
  ani: { href: 'caller-ids', text: 'Caller IDs' },
  audit: { href: 'audit', text: 'Audit' },
  campaign: DIALERS,
  company: COMPANIES,
  dialer: DIALERS,
  key: COMPANIES,
  lead: { href: 'leads', text: 'Leads' },
  person: { href: 'people', text: 'People' },
  webhook: COMPANIES,
};

/** Where people find the operation that a refusal names; undefined if the console has no page for it. */
export function pageThatHelps(operation: OperationName): PageLink | undefined {
  return PAGES[operation.replace(/\..*/, '')];
}
