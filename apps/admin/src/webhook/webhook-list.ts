import { type WebhookState, webhookEvents, webhookList } from '@live-feed/operations/webhook/webhooks';
import type { Session } from '../session.ts';
import { hint } from '../terminal/hint.ts';
import { type Report, table } from '../terminal/report.ts';

export async function listEndpoints(session: Session, company: string | undefined): Promise<Report> {
  const { webhooks } = await session.perform(webhookList, { company });
  return {
    text: table(
      ['id', 'company', 'url', 'events', 'state', 'last result', 'last at', 'waiting', 'given up'],
      webhooks.map((webhook) => [
        ...[webhook.id, webhook.companyName, webhook.url, webhook.events.join(', ') || 'all'],
        ...[inWords(webhook), webhook.lastResult, webhook.lastAt, webhook.waiting, webhook.givenUp],
      ]),
      `There is no webhook yet. Add one: ${hint`webhook add --help`}`,
    ),
    data: webhooks.map((webhook) => ({ ...webhook, state: inWords(webhook) })),
  };
}

function inWords({
  state,
  disabledAt,
  disabledWhy,
  fullSince,
  failingSince,
}: {
  readonly state: WebhookState;
  readonly disabledAt: Date | null;
  readonly disabledWhy: string | null;
  readonly fullSince: Date | null;
  readonly failingSince: Date | null;
}): string {
  switch (state) {
    case 'off':
      return `off since ${disabledAt?.toISOString()} (${disabledWhy ?? 'unknown'})`;
    case 'full':
      return `full since ${fullSince?.toISOString()}: no more events are kept`;
    case 'failing':
      return `failing since ${failingSince?.toISOString()}`;
    case 'works':
      return 'works';
  }
}

export async function listEvents(session: Session, webhook: string, limit: number): Promise<Report> {
  const { events } = await session.perform(webhookEvents, { webhook, limit });
  return {
    text: table(
      ['event', 'type', 'lead', 'since', 'failed deliveries', 'next'],
      events.map(({ id, type, leadId, createdAt, attempt, dueAt }) => [
        ...[id, type, leadId, createdAt, attempt],
        dueAt ?? 'given up',
      ]),
      'No event waits for this webhook.',
    ),
    data: events,
  };
}
