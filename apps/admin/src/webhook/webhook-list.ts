import { listWebhooks, type WebhookOverview } from '@live-feed/database/webhooks/webhooks';
import { theCompany } from '../company/the-company.ts';
import type { Session } from '../session.ts';
import { hint } from '../terminal/hint.ts';
import { type Report, table } from '../terminal/report.ts';

export async function listEndpoints(session: Session, companyName: string | undefined): Promise<Report> {
  const company = companyName === undefined ? undefined : await theCompany(session, companyName);
  const webhooks = await listWebhooks(session.database, company?.id);
  return {
    text: table(
      ['id', 'company', 'url', 'events', 'state', 'last result', 'last at', 'waiting', 'given up'],
      webhooks.map((webhook) => [
        ...[webhook.id, webhook.companyName, webhook.url, webhook.events.join(', ') || 'all'],
        ...[stateOf(webhook), webhook.lastResult, webhook.lastAt, webhook.waiting, webhook.givenUp],
      ]),
      `There is no webhook yet. Add one: ${hint`webhook add --help`}`,
    ),
    data: webhooks.map(({ secret, oldSecret, headers, ...webhook }) => ({
      ...webhook,
      hasHeaders: headers !== null,
      state: stateOf({ ...webhook }),
    })),
  };
}

type Standing = Pick<WebhookOverview, 'disabledAt' | 'disabledWhy' | 'failingSince' | 'fullSince'>;

function stateOf({ disabledAt, disabledWhy, failingSince, fullSince }: Standing): string {
  if (disabledAt !== null) return `off since ${disabledAt.toISOString()} (${disabledWhy ?? 'unknown'})`;
  if (fullSince !== null) return `full since ${fullSince.toISOString()}: no more events are kept`;
  return failingSince === null ? 'works' : `failing since ${failingSince.toISOString()}`;
}
