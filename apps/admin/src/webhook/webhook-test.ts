import { newId } from '@live-feed/core/ids';
import { batchText, eventText, TEST_EVENT } from '@live-feed/core/webhook/webhook-events';
import { unsealTarget } from '@live-feed/core/webhook/webhook-target';
import { DELIVERY_LIMIT_MS, postWebhook } from '@live-feed/outbound/webhooks/post-webhook';
import type { Session } from '../session.ts';
import type { Report } from '../terminal/report.ts';
import { theWebhook } from './webhook-changes.ts';

/** Posts one event now, in the form that the endpoint's events have. Nothing is stored, whatever comes of it. */
export async function testEndpoint(session: Session, webhookId: string): Promise<Report> {
  const webhook = await theWebhook(session, webhookId);
  const { url, maxEvents, oldSecret, oldSecretUntil } = webhook;
  const now = new Date();
  const id = newId();
  const event = eventText({ id, type: TEST_EVENT, createdAt: now }, JSON.stringify({ webhookId }));
  const isOldValid = oldSecretUntil !== null && oldSecretUntil > now;
  const target = unsealTarget(session.keyring, { ...webhook, oldSecret: isOldValid ? oldSecret : null });
  const body = maxEvents === 1 ? event : batchText([event], now);
  const startedMs = performance.now();
  const outcome = await postWebhook(await session.outbound(), target, { id, body }, now);
  const tookMs = Math.round(performance.now() - startedMs);
  const data = { webhookId, deliveryId: id, outcome, tookMs };
  if (outcome.kind !== 'answer') {
    return { text: `Not delivered to ${url}: ${outcome.why}`, data, failed: true };
  }
  const taken = outcome.httpStatus >= 200 && outcome.httpStatus < 300;
  const said = outcome.body === '' ? '' : `\n\n${printable(outcome.body)}${outcome.isCut ? ' …' : ''}`;
  const advice = taken
    ? ''
    : ` Any status but 200 to 299 within ${DELIVERY_LIMIT_MS / 1_000} s is a failure, and the event is sent again.`;
  return {
    text: `HTTP ${outcome.httpStatus} in ${tookMs} ms: ${taken ? 'taken' : 'not taken'}.${advice}${said}`,
    data,
    failed: !taken,
  };
}

/** Nothing in a foreign response moves the cursor. */
function printable(text: string): string {
  return text.replaceAll(/[^\P{Cc}\n]/gu, ' ');
}
