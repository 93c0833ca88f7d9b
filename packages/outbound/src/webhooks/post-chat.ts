import type { OutboundClient, OutboundResult } from '../http/outbound-client.ts';
import { DELIVERY_LIMIT_MS } from './post-webhook.ts';

const MAX_ANSWER_BYTES = 1_024;

/** Posts a text to an incoming webhook of Slack, or of a chat that takes the same. */
export function postChat(client: OutboundClient, url: string, text: string): Promise<OutboundResult> {
  return client.post({
    url,
    headers: { 'content-type': 'application/json', 'user-agent': 'live-feed-alerts' },
    body: JSON.stringify({ text: escapeMarkup(text) }),
    limitMs: DELIVERY_LIMIT_MS,
    maxAnswerBytes: MAX_ANSWER_BYTES,
  });
}

/** The three characters that have a meaning for Slack: a name cannot mention everybody. */
function escapeMarkup(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
