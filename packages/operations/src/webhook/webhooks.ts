import { WEBHOOK_EVENTS } from '@live-feed/core/webhook/webhook-events';
import { MOST_EVENTS } from '@live-feed/core/webhook/webhook-settings';
import { listWaitingEvents } from '@live-feed/database/webhooks/outbox-list';
import { findWebhook, listWebhooks, type WebhookOverview } from '@live-feed/database/webhooks/webhooks';
import { z } from 'zod';
import { companyInput, idInput } from '../inputs/inputs.ts';
import { ofCompanysOwn, ofReached, onlyCompany } from '../operation.ts';
import { endpointHeadersInput, endpointUrlInput } from '../own-endpoint.ts';
import { Refusal } from '../refusal.ts';
import type { Resources } from '../resources.ts';

/** What the operations on webhooks share, and what is read of them. */

export const webhookIdInput = idInput('the webhook');

/** What an endpoint can be set to. */
export const webhookSettingsInput = {
  url: endpointUrlInput,
  events: z
    .array(z.enum(WEBHOOK_EVENTS))
    .max(WEBHOOK_EVENTS.length)
    .optional()
    .describe('types of events that it is told of; empty: all'),
  maxEvents: z
    .int()
    .min(1)
    .max(MOST_EVENTS)
    .optional()
    .describe('most events in a delivery; above 1, deliveries are lists'),
  headers: endpointHeadersInput.optional(),
};

/** For operations on one webhook. */
export const byWebhook = {
  company: async ({ database }: Resources, { webhook }: { readonly webhook: string }) => {
    const found = await findWebhook(database, webhook);
    return found === null ? null : { id: found.companyId, name: found.companyName };
  },
  missing: noWebhook,
};

/** @throws Refusal if it has gone meanwhile */
export async function theWebhook({ database }: Pick<Resources, 'database'>, id: string) {
  const webhook = await findWebhook(database, id);
  if (webhook === null) throw noWebhook();
  return webhook;
}

function noWebhook(): Refusal {
  return new Refusal('There is no webhook with that id.', {
    ...{ kind: 'not_found', see: { operation: 'webhook.list' } },
  });
}

export type WebhookState = 'off' | 'full' | 'failing' | 'works';

export const webhookList = ofReached({
  name: 'webhook.list',
  summary: 'lists endpoints: whether they work, and what waits for them',
  role: 'viewer',
  route: 'GET /webhooks',
  input: z.object({ company: companyInput.optional() }),
  async run({ database }, { company }, reached) {
    const webhooks = await listWebhooks(database, await onlyCompany({ database }, company, reached));
    return { webhooks: webhooks.map(shown) };
  },
});

function shown({ secret, oldSecret, headers, ...webhook }: WebhookOverview) {
  return { ...webhook, hasHeaders: headers !== null, state: stateOf(webhook) };
}

/** `off`: switched off. `full`: too many events wait, no more are kept. `failing`: its last delivery failed. */
function stateOf({
  disabledAt,
  fullSince,
  failingSince,
}: Pick<WebhookOverview, 'disabledAt' | 'fullSince' | 'failingSince'>): WebhookState {
  if (disabledAt !== null) return 'off';
  if (fullSince !== null) return 'full';
  return failingSince === null ? 'works' : 'failing';
}

export const webhookEvents = ofCompanysOwn({
  ...byWebhook,
  name: 'webhook.events',
  summary: 'lists events that wait for an endpoint, those that are due first',
  role: 'viewer',
  route: 'GET /webhooks/:webhook/events',
  input: z.object({ webhook: webhookIdInput, limit: z.int().min(1).max(1_000).default(100) }),
  run: async ({ database }, { webhook, limit }, company) => ({
    company,
    events: await listWaitingEvents(database, webhook, limit),
  }),
});
