import { webhookRedeliver, webhookTest } from '@live-feed/operations/webhook/webhook-deliveries';
import type { Session } from '../session.ts';
import { startProgress } from '../terminal/progress.ts';
import { count, type Report } from '../terminal/report.ts';

export async function testEndpoint(session: Session, webhook: string): Promise<Report> {
  const tested = await session.perform(webhookTest, { webhook });
  const { webhookId, deliveryId, url, outcome, tookMs, taken, limitMs } = tested;
  const data = { webhookId, deliveryId, outcome, tookMs };
  if (outcome.kind !== 'answer') {
    return { text: `Not delivered to ${url}: ${outcome.why}`, data, failed: true };
  }
  const said = outcome.body === '' ? '' : `\n\n${printable(outcome.body)}${outcome.isCut ? ' …' : ''}`;
  const advice = taken
    ? ''
    : ` Any status but 200 to 299 within ${limitMs / 1_000} s is a failure, and the event is sent again.`;
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

export async function redeliver(
  session: Session,
  webhook: string,
  { since }: { readonly since?: number | undefined },
): Promise<Report> {
  const progress = startProgress(session.terminal, 'events written');
  try {
    const done = await session.perform(webhookRedeliver, { webhook, sinceMs: since }, progress.show);
    const { id, url, due, written, wasOff } = done;
    const said = since === undefined ? '' : `, ${written} of them written again`;
    return {
      text: `${count(due, 'event')} will be delivered to ${url}${said}.${wasOff ? ' The webhook is on again.' : ''}`,
      data: { id, due, written, wasOff },
    };
  } finally {
    progress.stop();
  }
}
