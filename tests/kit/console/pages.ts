import { boardName } from '@live-feed/console/queues/board-name';
import type { Database } from '@live-feed/database/connection/client';
import { listDialerNames } from '@live-feed/database/directory/dialer-names';
import type { ROUTES } from './routes.ts';

/** Every page of the console, with an address that leads to one with something on it. */

type GetRoute = Extract<keyof typeof ROUTES, `GET ${string}`>;

/** What is read, but not as a page. */
type NoPage =
  | 'GET /healthz'
  | 'GET /assets/*'
  | 'GET /overview/stream'
  | 'GET /leads/export'
  | 'GET /queues/static/*'
  | `GET /queues/api/${string}`;

/** A route that is added is a page or none: until it is said here which, this does not compile. */
export type PageRoute = Exclude<GetRoute, NoPage>;

/** Ids, or what else an address has, of what a company has. */
export interface Things {
  readonly company: string;
  readonly campaign: string;
  readonly lead: string;
  readonly change: string;
  readonly key: string;
  readonly webhook: string;
  readonly rule: string;
  readonly channel: string;
  readonly person: string;
  /** Its name on the board. */
  readonly queue: string;
  readonly job: string;
}

export interface ConsolePage {
  /** Of it among the pictures of the documentation. */
  readonly name: string;
  readonly path: (things: Things) => string;
  /** For people who are not signed in. */
  readonly isOutside?: true;
}

export const PAGES: Readonly<Record<PageRoute, ConsolePage>> = {
  'GET /sign-in': { name: 'sign-in', path: () => 'sign-in', isOutside: true },
  'GET /sign-in/code': { name: 'sign-in-code', path: () => 'sign-in/code', isOutside: true },

  'GET /': { name: 'overview', path: () => '' },
  'GET /leads': { name: 'leads', path: ({ company }) => `leads?company=${company}&state=REJECTED` },
  'GET /leads/refused': { name: 'refused-requests', path: () => 'leads/refused' },
  'GET /leads/bulk': {
    name: 'leads-in-bulk',
    path: ({ company }) => `leads/bulk?company=${company}&state=REJECTED&action=resend`,
  },
  'GET /leads/changes': { name: 'leads-changes', path: () => 'leads/changes' },
  'GET /leads/changes/:change': { name: 'leads-change', path: ({ change }) => `leads/changes/${change}` },
  'GET /leads/:lead': { name: 'lead', path: ({ lead }) => `leads/${lead}` },

  'GET /alerts': { name: 'alerts', path: () => 'alerts' },
  'GET /alerts/rules/new': { name: 'alert-rule-new', path: () => 'alerts/rules/new?kind=acceptance' },
  'GET /alerts/rules/:rule': { name: 'alert-rule', path: ({ rule }) => `alerts/rules/${rule}` },
  'GET /alerts/channels/new': { name: 'alert-channel-new', path: () => 'alerts/channels/new?kind=email' },
  'GET /alerts/channels/:channel': {
    name: 'alert-channel',
    path: ({ channel }) => `alerts/channels/${encodeURIComponent(channel)}`,
  },

  'GET /companies': { name: 'companies', path: () => 'companies' },
  'GET /companies/:company': { name: 'company', path: ({ company }) => `companies/${company}` },
  'GET /companies/:company/keys': { name: 'keys', path: ({ company }) => `companies/${company}/keys` },
  'GET /companies/:company/keys/:key': {
    name: 'key',
    path: ({ company, key }) => `companies/${company}/keys/${key}`,
  },
  'GET /companies/:company/webhooks': {
    name: 'webhooks',
    path: ({ company }) => `companies/${company}/webhooks`,
  },
  'GET /companies/:company/webhooks/:webhook': {
    name: 'webhook',
    path: ({ company, webhook }) => `companies/${company}/webhooks/${webhook}`,
  },

  'GET /caller-ids': { name: 'caller-ids', path: () => 'caller-ids' },
  'GET /caller-ids/:company': { name: 'caller-ids-of-one', path: ({ company }) => `caller-ids/${company}` },
  'GET /caller-ids/:company/import': {
    name: 'caller-ids-import',
    path: ({ company }) => `caller-ids/${company}/import`,
  },

  'GET /dialers': { name: 'dialers', path: () => 'dialers' },
  'GET /dialers/:company': { name: 'dialer', path: ({ company }) => `dialers/${company}` },
  'GET /dialers/:company/settings': {
    name: 'dialer-settings',
    path: ({ company }) => `dialers/${company}/settings`,
  },
  'GET /dialers/:company/campaigns/:campaignId': {
    name: 'campaign',
    path: ({ company, campaign }) => `dialers/${company}/campaigns/${campaign}`,
  },

  'GET /account': { name: 'account', path: () => 'account' },
  'GET /account/codes': { name: 'account-codes', path: () => 'account/codes' },
  'GET /audit': { name: 'audit', path: () => 'audit' },
  'GET /people': { name: 'people', path: () => 'people' },
  'GET /people/:id': { name: 'person', path: ({ person }) => `people/${person}` },

  'GET /queues/': { name: 'queues', path: () => 'queues/' },
  'GET /queues/job-schedulers': { name: 'queues-schedulers', path: () => 'queues/job-schedulers' },
  'GET /queues/queue/:queueName': {
    name: 'queue',
    path: ({ queue }) => `queues/queue/${encodeURIComponent(queue)}`,
  },
  'GET /queues/queue/:queueName/:jobId': {
    name: 'queue-job',
    path: ({ queue, job }) => `queues/queue/${encodeURIComponent(queue)}/${job}`,
  },
};

/** What a company has; of the installation one of each. @throws Error if one of them is not there */
export async function thingsOf(database: Database, companyId: string): Promise<Things> {
  const there = { where: { companyId }, select: { id: true } } as const;
  const dialers = await listDialerNames(database);
  const dialer = dialers.find((each) => each.companyId === companyId);
  if (dialer === undefined) throw new Error('The company has no dialer.');
  const { campaignId } = await database.campaign.findFirstOrThrow({
    where: { companyId },
    select: { campaignId: true },
  });
  const newest = { ...there, orderBy: { id: 'desc' } } as const;
  const lead =
    (await database.lead.findFirst({ ...newest, where: { companyId, state: 'REJECTED' } })) ??
    (await database.lead.findFirstOrThrow(newest));
  const job = await database.lead.findFirst({ ...there, where: { companyId, state: 'QUEUED' } });
  return {
    company: companyId,
    campaign: campaignId,
    lead: lead.id,
    change: (await database.changeProgress.findFirstOrThrow({ select: { entryId: true } })).entryId,
    key: (await database.apiKey.findFirstOrThrow({ ...there, orderBy: { id: 'asc' } })).id,
    webhook: (await database.webhook.findFirstOrThrow(there)).id,
    rule: (await database.alertRule.findFirstOrThrow({ select: { id: true } })).id,
    channel: (await database.alertChannel.findFirstOrThrow({ select: { name: true } })).name,
    person: (await database.person.findFirstOrThrow({ select: { id: true } })).id,
    queue: boardName(dialer),
    job: job?.id ?? lead.id,
  };
}
