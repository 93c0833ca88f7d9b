import { databaseNow } from '@live-feed/database/upkeep/retention-cutoff';
import { makeEventsDue, rewriteEvents } from '@live-feed/database/webhooks/redelivery';
import { switchOnWebhook } from '@live-feed/database/webhooks/webhooks';
import type { Session } from '../session.ts';
import { startProgress } from '../terminal/progress.ts';
import { count, type Report } from '../terminal/report.ts';
import { theWebhook } from './webhook-changes.ts';

const PAGE = 2_000;
/** A lead may have been received long before it ended: promised leads are tried for days, parked ones wait for a person. */
const LONGEST_LIFE_MS = 30 * 86_400_000;

/** If the command is interrupted, deliveries begin after this. */
const REST_MS = 600_000;

/** Whatever waits is due, and the endpoint is on; with `since`, events are written again first. */
export async function redeliver(
  session: Session,
  webhookId: string,
  { since }: { readonly since?: number | undefined },
): Promise<Report> {
  const { database } = session;
  const { url } = await theWebhook(session, webhookId);
  // On first, so that no lead ends unnoticed while earlier ones are looked for; and nothing leaves that would then be written twice.
  const wasOff = await switchOnWebhook(database, webhookId, REST_MS);
  const written = since === undefined ? 0 : await rewriteSince(session, webhookId, since);
  const due = await makeEventsDue(database, webhookId);
  const said = since === undefined ? '' : `, ${written} of them written again`;
  return {
    text: `${count(due, 'event')} will be delivered to ${url}${said}.${wasOff ? ' The webhook is on again.' : ''}`,
    data: { id: webhookId, due, written, wasOff },
  };
}

async function rewriteSince(session: Session, webhookId: string, since: number): Promise<number> {
  const { database, terminal } = session;
  const sinceMs = (await databaseNow(database)) - since;
  const progress = startProgress(terminal, 'events written');
  let written = 0;
  let afterId: string | undefined;
  try {
    while (!terminal.signal.aborted) {
      const bounds = { sinceMs, oldestMs: sinceMs - LONGEST_LIFE_MS, afterId, limit: PAGE };
      const page = await rewriteEvents(database, { webhookId, ...bounds });
      written += page.written;
      progress.show(written, written);
      if (page.lastId === undefined) break;
      afterId = page.lastId;
    }
  } finally {
    progress.stop();
  }
  return written;
}
