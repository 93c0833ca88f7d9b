import { within } from '@live-feed/core/within';
import { findDueWebhooks } from '@live-feed/database/webhooks/outbox';
import { countOutbox, forgetEvents } from '@live-feed/database/webhooks/outbox-upkeep';
import { createDialerHealth } from '@live-feed/queue/limits/dialer-health';
import { isReady, type Redis } from '@live-feed/queue/redis/redis';
import {
  openWebhookQueue,
  type WebhookLane,
  type WebhookQueue,
} from '@live-feed/queue/webhooks/webhook-queue';
import { repeat } from '@live-feed/runtime/repeat';
import { createHoldWatch } from './dialer-holds.ts';
import { takeTurn } from './take-turn.ts';
import type { WebhookTools } from './webhook-tools.ts';

/** Tells companies' endpoints of events. Nothing of it is waited for where leads are delivered. */
export interface Webhooks {
  /** Lets the deliveries under way end, for a while. */
  close(): Promise<void>;
}

/** How soon an event leaves. */
const LOOK_EVERY_MS = 500;
/** A hold that is shorter may not be told. */
const HOLDS_EVERY_MS = 2_000;
const COUNT_EVERY_MS = 30_000;
const FORGET_EVERY_MS = 60_000;
const FORGET_AT_ONCE = 10_000;
/** Endpoints that a look finds. */
const MOST_DUE = 500;
/** Endpoints at once in each of the two queues. */
const TURNS_AT_ONCE = 16;
/** An endpoint that needed longer last time takes its turns with those that failed. */
const SLOW_MS = 500;
/** A delivery's limit, its note, and some. */
const CLOSE_LIMIT_MS = 12_000;

/**
 * @param redis connected for the role `requests`
 * @param lockMs how long a dead worker's turns stay locked
 */
export function startWebhooks(tools: WebhookTools, redis: Redis, lockMs: number): Webhooks {
  const { database, logger } = tools;
  const queues = new Map<WebhookLane, WebhookQueue>();

  async function queueOf(lane: WebhookLane): Promise<WebhookQueue> {
    const known = queues.get(lane);
    if (known !== undefined) return known;
    const opened = await openWebhookQueue({
      redis,
      lane,
      atOnce: TURNS_AT_ONCE,
      lockMs,
      turn: (webhookId) => takeTurn(tools, webhookId),
      onError: (err) =>
        logger.warn({ err }, 'webhooks of a company could not be delivered: they are tried again'),
    });
    queues.set(lane, opened);
    return opened;
  }

  async function look(): Promise<void> {
    if (!isReady(redis)) return;
    const due = await findDueWebhooks(database, { limit: MOST_DUE, slowMs: SLOW_MS });
    for (const lane of ['quick', 'slow'] as const) {
      const ids = due.filter(({ isSlow }) => isSlow === (lane === 'slow')).map(({ id }) => id);
      if (ids.length === 0) continue;
      const queue = await queueOf(lane);
      await queue.wake(ids);
      await queue.takeTurns();
    }
  }

  const holds = createHoldWatch(database, createDialerHealth(redis));
  const chore = (task: () => Promise<void>, everyMs: number, failure: string) =>
    repeat(task, everyMs, (err) => logger.warn({ err }, failure));
  const chores = [
    chore(look, LOOK_EVERY_MS, 'it is not known which webhooks are due'),
    chore(
      async () => {
        if (isReady(redis)) await holds();
      },
      HOLDS_EVERY_MS,
      'it is not known which dialers are held',
    ),
    chore(
      async () => tools.metrics.counted(await countOutbox(database)),
      COUNT_EVERY_MS,
      'events of webhooks could not be counted',
    ),
    chore(
      async () => void (await forgetEvents(database, FORGET_AT_ONCE)),
      FORGET_EVERY_MS,
      'old events of webhooks could not be removed',
    ),
  ];

  return {
    async close() {
      const closing = Promise.all(chores.map((each) => each.stop())).then(() =>
        Promise.all([...queues.values()].map((queue) => queue.close())),
      );
      await within(closing, CLOSE_LIMIT_MS, () => undefined);
    },
  };
}
