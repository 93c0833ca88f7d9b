import { startStopwatch } from '@live-feed/core/clock';
import { MOST_EVENTS } from '@live-feed/core/webhook/webhook-settings';
import { unsealTarget, type WebhookTarget } from '@live-feed/core/webhook/webhook-target';
import {
  type ClaimedWebhook,
  claimWebhook,
  dropEvents,
  giveBackClaim,
  joinEvents,
  nextEvents,
  noteDelivered,
  noteFailed,
  type OutboxEvent,
  restWebhook,
  setAside,
} from '@live-feed/database/webhooks/outbox';
import { postWebhook } from '@live-feed/outbound/webhooks/post-webhook';
import { type ComposedDelivery, composeDelivery } from './compose-delivery.ts';
import { judge } from './verdict.ts';
import type { WebhookTools } from './webhook-tools.ts';

/** New deliveries are begun for so long; then the endpoint waits for its next turn, since others may wait for its place. */
const TURN_MS = 1_000;
/** Longer than a turn, its last delivery and its notes. */
const CLAIM_MS = 40_000;
/** What is older is not tried by itself any more, and an endpoint that has failed for as long is switched off. */
const GIVE_UP_AFTER_MS = 86_400_000;
/** After an error that says nothing of the endpoint. */
const FAULT_REST_MS = 60_000;

/** Delivers what an endpoint has waiting, one delivery after the other, until there is none, it fails, or its turn is over. */
export async function takeTurn(tools: WebhookTools, webhookId: string): Promise<void> {
  const webhook = await claimWebhook(tools.database, webhookId, CLAIM_MS);
  if (webhook === undefined) return;
  try {
    const target = unsealTarget(tools.keyring, webhook);
    const { elapsedMs } = startStopwatch();
    for (let { failures } = webhook; elapsedMs() < TURN_MS && !tools.stopping.aborted; ) {
      const delivered = await deliverNext(tools, webhook, target, failures);
      if (delivered === 'nothing' || delivered === 'rests') return;
      failures = delivered === 'taken' ? 0 : failures + 1;
    }
  } catch (err) {
    const { companyId } = webhook;
    tools.logger.error({ webhookId, companyId, err }, 'a webhook cannot be delivered: it is tried again');
    // Otherwise it would be due again at once: its secret cannot be decrypted, say.
    await restWebhook(tools.database, webhookId, FAULT_REST_MS);
  } finally {
    await giveBackClaim(tools.database, webhookId);
  }
}

/** @returns `refused`: the endpoint may take others */
async function deliverNext(
  tools: WebhookTools,
  webhook: ClaimedWebhook,
  target: WebhookTarget,
  failures: number,
): Promise<'taken' | 'refused' | 'rests' | 'nothing'> {
  const { database, logger } = tools;
  const { id: webhookId, companyId, maxEvents } = webhook;
  const waiting = await nextEvents(database, webhookId, maxEvents === 1 ? 1 : MOST_EVENTS);
  if (waiting.length === 0) return 'nothing';
  const { delivery, gone, unreadable } = await composeDelivery(tools, webhook, waiting);
  if (gone.length > 0) await dropEvents(database, idsOf(gone));
  if (unreadable.length > 0) {
    const leadIds = unreadable.map(({ leadId }) => leadId);
    logger.error(
      { webhookId, companyId, leadIds },
      'events of leads cannot be decrypted: they are set aside',
    );
    await setAside(database, idsOf(unreadable));
  }
  if (delivery === undefined) return 'taken';
  const { events, body } = delivery;
  const ids = idsOf(events);
  const id = await deliveryIdOf(tools, webhook, delivery);
  tools.observe('before the webhook');
  const { elapsedMs } = startStopwatch();
  const outcome = await postWebhook(tools.client, target, { id, body }, new Date(tools.clock.now()));
  tools.observe('after the webhook, before its note');
  const attempts = events[0]?.attempt ?? 0;
  const verdict = judge(outcome, { failures, attempts, events: events.length }, tools.random());
  const note = { webhookId, ids, result: verdict.result, tookMs: elapsedMs() };
  tools.metrics.delivered(verdict.kind, events.length, note.tookMs);
  if (verdict.kind === 'delivered') {
    await noteDelivered(database, note);
    return 'taken';
  }
  const off = await noteFailed(database, { ...note, ...verdict, giveUpAfterMs: GIVE_UP_AFTER_MS });
  if (off === undefined) return verdict.restMs > 0 ? 'rests' : 'refused';
  tools.metrics.switchedOff(off);
  logger.error(
    { webhookId, companyId, why: off, result: verdict.result },
    'a webhook is switched off: its endpoint failed for a day, or said that it is gone',
  );
  return 'rests';
}

/** The `webhook-id`, the same at each attempt: of a list it is noted before the first. */
async function deliveryIdOf(
  { database, newId }: WebhookTools,
  { maxEvents }: ClaimedWebhook,
  { events }: ComposedDelivery,
): Promise<string> {
  const [first] = events;
  if (first === undefined) throw new Error('A delivery without events was composed.');
  if (maxEvents === 1) return first.id;
  if (first.deliveryId !== null) return first.deliveryId;
  const id = newId();
  await joinEvents(database, idsOf(events), id);
  return id;
}

function idsOf(events: readonly OutboxEvent[]): string[] {
  return events.map(({ id }) => id);
}
