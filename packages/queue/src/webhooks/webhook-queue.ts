import { Queue } from 'bullmq';
import { EVENT_STREAM } from '../jobs/dialer-queue.ts';
import { ManualWorker } from '../jobs/manual-worker.ts';
import { isReady, type Redis } from '../redis/redis.ts';

/**
 * Which endpoints have something to be delivered: one job for each, whose id is the endpoint's. Jobs only wake and limit; what is to be delivered
 * is in PostgreSQL, where jobs that are lost are found again.
 */

/** Endpoints that failed or were slow have a queue of their own, so that they take no turn from the others. */
export const WEBHOOK_LANES = ['quick', 'slow'] as const;
export type WebhookLane = (typeof WEBHOOK_LANES)[number];

export interface WebhookQueue {
  /** Adds a job for each endpoint that has none. No effect while Redis is unavailable. */
  wake(webhookIds: readonly string[]): Promise<void>;
  /** Starts the turns of endpoints that wait, as many as there is room for. */
  takeTurns(): Promise<void>;
  /** Turns under way now. */
  turns(): number;
  /** Takes no more, and resolves once the turns under way have ended. */
  close(): Promise<void>;
}

export interface WebhookQueueOptions {
  /** Connected for the role `requests`. */
  readonly redis: Redis;
  readonly lane: WebhookLane;
  /** Turns at once. */
  readonly atOnce: number;
  /** A dead worker's turns are had by others after this time and a half; the same for all workers. */
  readonly lockMs: number;
  /** Delivers what an endpoint has waiting. */
  readonly turn: (webhookId: string) => Promise<void>;
  readonly onError: (error: unknown) => void;
}

export async function openWebhookQueue(options: WebhookQueueOptions): Promise<WebhookQueue> {
  const { redis, lane, atOnce, lockMs, turn, onError } = options;
  const name = `webhooks-${lane}`;
  const prefix = `{lf:${name}}`;
  const queue = new Queue(name, {
    connection: redis,
    prefix,
    streams: EVENT_STREAM,
    defaultJobOptions: { removeOnComplete: true, removeOnFail: true, stackTraceLimit: 1 },
  });
  const worker = new ManualWorker<object, undefined>(
    name,
    async ({ id = '' }) => {
      await turn(id).catch(onError);
      return undefined;
    },
    {
      connection: redis,
      prefix,
      autorun: false,
      lockDuration: lockMs,
      stalledInterval: lockMs / 2,
      maxStalledCount: Number.MAX_SAFE_INTEGER,
    },
  );
  queue.on('error', onError);
  worker.on('error', onError);
  await worker.waitUntilReady();
  await worker.startStalledCheckTimer();
  worker.startLockRenewal();
  const underWay = new Set<Promise<void>>();
  let taken = 0;
  let closing = false;

  /** @returns whether there was one */
  async function takeOne(): Promise<boolean> {
    taken += 1;
    const token = `${worker.id}:${taken}`;
    const job = await worker.getNextJob(token, { block: false });
    if (job === undefined) return false;
    const processed: Promise<void> = worker
      .processJob(job, token, () => false)
      .then(() => undefined, onError)
      .finally(() => underWay.delete(processed));
    underWay.add(processed);
    return true;
  }

  return {
    async wake(webhookIds) {
      if (webhookIds.length === 0 || !isReady(redis)) return;
      await queue.addBulk(webhookIds.map((jobId) => ({ name: 'turn', data: {}, opts: { jobId } })));
    },

    async takeTurns() {
      while (!closing && underWay.size < atOnce && isReady(redis) && (await takeOne()));
    },

    turns: () => underWay.size,

    async close() {
      closing = true;
      await Promise.all(underWay);
      await worker.close(true);
      await queue.close();
    },
  };
}
