import { systemClock } from '@live-feed/core/clock';
import { newId } from '@live-feed/core/ids';
import { batchText, eventText, TEST_EVENT } from '@live-feed/core/webhook/webhook-events';
import { unsealTarget } from '@live-feed/core/webhook/webhook-target';
import { databaseNow } from '@live-feed/database/upkeep/retention-cutoff';
import { makeEventsDue, rewriteEvents } from '@live-feed/database/webhooks/redelivery';
import { switchOnWebhook } from '@live-feed/database/webhooks/webhooks';
import { DELIVERY_LIMIT_MS, postWebhook } from '@live-feed/outbound/webhooks/post-webhook';
import { z } from 'zod';
import { durationInput } from '../inputs/inputs.ts';
import { type Context, ofCompanysOwn } from '../operation.ts';
import { byWebhook, theWebhook, webhookIdInput } from './webhooks.ts';

export const webhookTest = ofCompanysOwn({
  ...byWebhook,
  name: 'webhook.test',
  summary: 'sends one signed event of the type webhook.test now, and shows the response',
  role: 'operator',
  route: 'POST /webhooks/:webhook/test',
  input: z.object({ webhook: webhookIdInput }),
  /** In the form that the endpoint's events have. Nothing is stored, whatever comes of it. */
  async run(context, { webhook: webhookId }, company) {
    const webhook = await theWebhook(context, webhookId);
    const { url, maxEvents, oldSecret, oldSecretUntil } = webhook;
    const now = new Date(systemClock.now());
    const id = newId();
    const event = eventText({ id, type: TEST_EVENT, createdAt: now }, JSON.stringify({ webhookId }));
    const isOldValid = oldSecretUntil !== null && oldSecretUntil > now;
    const target = unsealTarget(context.keyring, { ...webhook, oldSecret: isOldValid ? oldSecret : null });
    const body = maxEvents === 1 ? event : batchText([event], now);
    const startedMs = performance.now();
    const outcome = await postWebhook(await context.outbound(), target, { id, body }, now);
    const tookMs = Math.round(performance.now() - startedMs);
    const taken = outcome.kind === 'answer' && outcome.httpStatus >= 200 && outcome.httpStatus < 300;
    context.record({ target: url, after: { deliveryId: id, taken } });
    return { webhookId, company, url, deliveryId: id, outcome, tookMs, taken, limitMs: DELIVERY_LIMIT_MS };
  },
});

const PAGE = 2_000;
/** A lead may have been received long before it ended: promised leads are tried for days, parked ones wait for a person. */
const LONGEST_LIFE_MS = 30 * 86_400_000;
/** If it is interrupted, deliveries begin after this. */
const REST_MS = 600_000;

export const webhookRedeliver = ofCompanysOwn({
  ...byWebhook,
  name: 'webhook.redeliver',
  summary: 'delivers all events that wait, now; switches the endpoint on',
  role: 'operator',
  route: 'POST /webhooks/:webhook/redeliver',
  input: z.object({
    webhook: webhookIdInput,
    sinceMs: durationInput({ min: 60_000, max: 90 * 86_400_000 })
      .optional()
      .describe(
        'also events of all leads that ended or were parked in the last so many milliseconds, as they stand now: those that were delivered, and those of a time when the endpoint was off',
      ),
  }),
  async run(context, { webhook: id, sinceMs }, company) {
    const { database, record } = context;
    const { url } = await theWebhook(context, id);
    // On first, so that no lead ends unnoticed while earlier ones are looked for; and nothing leaves that would then be written twice.
    const wasOff = await switchOnWebhook(database, id, REST_MS);
    const written = sinceMs === undefined ? 0 : await rewriteSince(context, id, sinceMs);
    const due = await makeEventsDue(database, id);
    record({ target: url, before: { on: !wasOff }, after: { on: true, due, written } });
    return { id, company, url, due, written, wasOff };
  },
});

async function rewriteSince(
  { database, signal, progress }: Context,
  webhookId: string,
  withinMs: number,
): Promise<number> {
  const sinceMs = (await databaseNow(database)) - withinMs;
  let written = 0;
  let afterId: string | undefined;
  while (!signal.aborted) {
    const bounds = { sinceMs, oldestMs: sinceMs - LONGEST_LIFE_MS, afterId, limit: PAGE };
    const page = await rewriteEvents(database, { webhookId, ...bounds });
    written += page.written;
    progress(written, written);
    if (page.lastId === undefined) break;
    afterId = page.lastId;
  }
  return written;
}
