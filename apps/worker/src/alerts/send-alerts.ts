import { type AlertTarget, unsealAlertTarget } from '@live-feed/core/alert/alert-channel';
import { type AlertMessage, alertText, headline, MOST_TOLD } from '@live-feed/core/alert/alert-message';
import type { Keyring } from '@live-feed/core/crypto/sealing';
import { type Backoff, nextDelay } from '@live-feed/core/limits/backoff';
import { eventText } from '@live-feed/core/webhook/webhook-events';
import {
  type ClaimedChannel,
  claimDueChannels,
  giveBackChannel,
  noteSent,
  noteUnsent,
} from '@live-feed/database/alerts/alert-channels';
import { type AlertDelivery, nextDelivery } from '@live-feed/database/alerts/alert-outbox';
import type { Database } from '@live-feed/database/connection/client';
import type { OutboundClient, OutboundResult } from '@live-feed/outbound/http/outbound-client';
import type { Mailer } from '@live-feed/outbound/mail/mailer';
import { postChat } from '@live-feed/outbound/webhooks/post-chat';
import { postWebhook } from '@live-feed/outbound/webhooks/post-webhook';
import type { Logger } from '@live-feed/runtime/logging/logger';
import type { AlertMetrics } from '../metrics/alert-metrics.ts';

export interface AlertTools {
  readonly database: Database;
  readonly client: OutboundClient;
  /** Undefined: e-mail is not set up. */
  readonly mailer: Mailer | undefined;
  /** The console's page of alerts; undefined: messages have no link. */
  readonly pageUrl: string | undefined;
  readonly keyring: Keyring;
  readonly logger: Logger;
  readonly metrics: AlertMetrics;
  /** In [0, 1). */
  readonly random: () => number;
}

/** Channels that one look takes. */
const CHANNELS_AT_ONCE = 10;
const BACKOFF: Backoff = { firstMs: 10_000, capMs: 600_000 };

/** Sends what waits, one message for each channel. */
export async function sendAlerts(tools: AlertTools): Promise<void> {
  const channels = await claimDueChannels(tools.database, CHANNELS_AT_ONCE);
  await Promise.all(channels.map((channel) => sendTo(tools, channel)));
}

async function sendTo(tools: AlertTools, channel: ClaimedChannel): Promise<void> {
  const { database, logger, metrics, random } = tools;
  const { id, kind, failures } = channel;
  const delivery = await nextDelivery(database, id);
  if (delivery === undefined) return giveBackChannel(database, id);
  const { result, isSent } = await deliver(tools, channel, delivery);
  metrics.sent(kind, isSent ? 'sent' : 'failed');
  if (isSent) {
    await noteSent(
      database,
      id,
      delivery.messages.map((message) => message.id),
      result,
    );
    return;
  }
  logger.warn({ channelId: id, kind, result }, 'a message of alerts was not sent: it is tried again');
  await noteUnsent(database, id, result, nextDelay(failures + 1, random(), BACKOFF));
}

interface Outcome {
  readonly isSent: boolean;
  /** For people. */
  readonly result: string;
}

async function deliver(
  tools: AlertTools,
  { id: channelId, target: sealed }: ClaimedChannel,
  delivery: AlertDelivery,
): Promise<Outcome> {
  let target: AlertTarget;
  try {
    target = unsealAlertTarget(tools.keyring, sealed);
  } catch (err) {
    tools.logger.error({ channelId, err }, 'the address of a channel of alerts cannot be decrypted');
    return { isSent: false, result: 'its address cannot be decrypted: see SEAL_KEYS' };
  }
  const messages = delivery.messages.map(({ content }) => content);
  const { subject, text } = alertText(messages, tools.pageUrl);
  switch (target.kind) {
    case 'email': {
      if (tools.mailer === undefined)
        return { isSent: false, result: 'e-mail is not set up: WORKER_SMTP_URL is not set' };
      const sent = await tools.mailer.send({ id: delivery.id, to: target.to, subject, text });
      if (sent.kind === 'failed') return { isSent: false, result: sent.why };
      const result = sent.refused === 0 ? 'sent' : `sent; ${sent.refused} addresses were refused`;
      return { isSent: true, result };
    }
    case 'slack':
      return judged(await postChat(tools.client, target.url, text));
    case 'webhook': {
      const { url, secret } = target;
      const body = bodyOf(delivery, messages, tools.pageUrl);
      const message = { id: delivery.id, body };
      return judged(
        await postWebhook(tools.client, { url, headers: {}, secrets: [secret] }, message, new Date()),
      );
    }
  }
}

function judged(outcome: OutboundResult): Outcome {
  if (outcome.kind !== 'answer') return { isSent: false, result: outcome.why };
  const { httpStatus } = outcome;
  return { isSent: httpStatus >= 200 && httpStatus < 300, result: `HTTP ${httpStatus}` };
}

/** Of the type `alert`: the same form, however many alerts there are. */
function bodyOf(
  { id, createdAt }: AlertDelivery,
  messages: readonly AlertMessage[],
  pageUrl: string | undefined,
): string {
  const alerts = messages.slice(0, MOST_TOLD).map((message) => ({ ...message, headline: headline(message) }));
  const data = { alerts, more: messages.length - alerts.length, url: pageUrl ?? null };
  return eventText({ id, type: 'alert', createdAt }, JSON.stringify(data));
}
