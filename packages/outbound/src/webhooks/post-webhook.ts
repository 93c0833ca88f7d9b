import type { WebhookTarget } from '@live-feed/core/webhook/webhook-target';
import { Webhook } from 'standardwebhooks';
import type { OutboundClient, OutboundResult } from '../http/outbound-client.ts';

export interface WebhookMessage {
  /** The `webhook-id`, the same at each attempt. */
  readonly id: string;
  readonly body: string;
}

/** Of a whole delivery: a receiver should store the events and answer. */
export const DELIVERY_LIMIT_MS = 10_000;
/** Nothing in the response matters but its status; this much is shown to a person who tries an endpoint. */
const MAX_ANSWER_BYTES = 1_024;

/** Signs by Standard Webhooks 1.0.0, and posts once. */
export function postWebhook(
  client: OutboundClient,
  { url, headers, secrets }: WebhookTarget,
  { id, body }: WebhookMessage,
  now: Date,
): Promise<OutboundResult> {
  return client.post({
    url,
    headers: {
      ...headers,
      'content-type': 'application/json',
      'user-agent': 'live-feed-webhooks',
      'webhook-id': id,
      'webhook-timestamp': String(Math.floor(now.getTime() / 1_000)),
      'webhook-signature': secrets.map((secret) => new Webhook(secret).sign(id, now, body)).join(' '),
    },
    body,
    limitMs: DELIVERY_LIMIT_MS,
    maxAnswerBytes: MAX_ANSWER_BYTES,
  });
}
