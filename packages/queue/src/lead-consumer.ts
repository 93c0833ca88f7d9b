import { type LeadJob, leadJobSchema } from '@live-feed/core/lead-job';
import { DelayedError, type Job, Worker } from 'bullmq';
import { queueName, queuePrefix } from './dialer-queue.ts';
import type { Redis } from './redis.ts';

/** A lead taken from its queue. It stays locked, and its lock is renewed, until one of the two is called. */
export interface TakenLead {
  readonly job: LeadJob;
  /** How often a worker died with it. */
  readonly stalls: number;
  /** There is nothing left to do: the job completes. */
  finish(): void;
  /** The job comes back after that time. */
  retry(delayMs: number): void;
}

export interface LeadConsumerOptions {
  /** Connected for the role `jobs`; shared between consumers, owned by the caller. */
  readonly redis: Redis;
  readonly dialerId: string;
  /**
   * Asked before leads are taken, so that they wait unlocked in the queue. 0 = take up to `maximum` now; otherwise not before that
   * many milliseconds. Must not reject.
   */
  readonly permit: () => Promise<number>;
  /**
   * How long a lead stays locked without renewal, milliseconds; a stalled check every half of it hands it to another. The
   * check's key in Redis is shared: the same everywhere.
   */
  readonly lockMs: number;
  /** Calls of `handle` under way at once. */
  readonly slots: () => number;
  /** Leads per call of `handle`. */
  readonly maximum: () => number;
  /** Sees to it that `finish` or `retry` is called of every lead; its slot is free again when it resolves. */
  readonly handle: (leads: readonly TakenLead[]) => Promise<void>;
  readonly onError: (error: unknown) => void;
}

export interface LeadConsumer {
  /** Takes nothing more, lets what is under way end, and gives the connection back. */
  close(): Promise<void>;
}

/** What a job returns: the lead row has the rest, and BullMQ copies return values into its events. */
type Returned = 'done';

/** Blocking waits end by themselves this often, so that a delayed job or a lost marker is noticed. */
const LONGEST_WAIT_S = 5;
/** Between two looks at a permit. */
const LONGEST_PAUSE_MS = 1_000;

/** BullMQ starts lock renewal in `run()` only; leads are taken by hand here. */
class ManualWorker extends Worker<LeadJob, Returned> {
  startLockRenewal(): void {
    this.lockManager.start();
  }
}

interface Settlement {
  readonly promise: Promise<number | undefined>;
  readonly settle: (retryInMs: number | undefined) => void;
}

interface Backlog {
  readonly paused: boolean;
  readonly waiting: number;
  /** Until the first delayed job is due; undefined where there is none. */
  readonly dueInMs: number | undefined;
}

/** Serves one dialer's queue: permit first, then leads. Starts at once. */
export function consumeLeads(options: LeadConsumerOptions): LeadConsumer {
  const { redis, dialerId, onError } = options;
  const settlements = new Map<string, Settlement>();
  const uploads = new Set<Promise<void>>();
  /** Jobs in BullMQ's hands, until they are completed or put back. */
  const processing = new Set<Promise<void>>();
  let closing = false;
  let wake: () => void = () => {};

  const worker = new ManualWorker(queueName(dialerId), processLead, {
    connection: redis,
    prefix: queuePrefix(dialerId),
    autorun: false,
    lockDuration: options.lockMs,
    stalledInterval: options.lockMs / 2,
    // A lead is never given up because workers died with it.
    maxStalledCount: Number.MAX_SAFE_INTEGER,
  });
  worker.on('error', onError);
  const token = worker.id;

  async function processLead(job: Job<LeadJob, Returned>): Promise<Returned> {
    const settlement = settlements.get(job.id ?? '');
    if (settlement === undefined) throw new Error('A job was processed that had not been taken by hand.');
    const retryInMs = await settlement.promise;
    if (retryInMs === undefined) return 'done';
    await job.moveToDelayed(Date.now() + retryInMs, job.token);
    throw new DelayedError();
  }

  async function look(): Promise<Backlog> {
    const { keys } = worker;
    const [paused, waiting, prioritized, delayed] = (await redis
      .pipeline()
      .hexists(keys['meta'] ?? '', 'paused')
      .llen(keys['wait'] ?? '')
      .zcard(keys['prioritized'] ?? '')
      .zrange(keys['delayed'] ?? '', 0, '0', 'WITHSCORES')
      .exec()) as [[null, number], [null, number], [null, number], [null, string[]]];
    const score = delayed[1][1];
    return {
      paused: paused[1] === 1,
      waiting: waiting[1] + prioritized[1],
      // BullMQ keeps the due time in the upper bits of the score.
      dueInMs: score === undefined ? undefined : Math.max(0, Number(score) / 4096 - Date.now()),
    };
  }

  /** One turn: wait for a slot, for a lead, for a permit, then take and hand over. */
  async function turn(): Promise<void> {
    if (uploads.size >= options.slots()) {
      await Promise.race(uploads);
      return;
    }
    const backlog = await look();
    const due = backlog.dueInMs === 0 ? 1 : 0;
    if (backlog.paused || backlog.waiting + due === 0) {
      const seconds = Math.min(LONGEST_WAIT_S, Math.max(0.01, (backlog.dueInMs ?? Number.MAX_VALUE) / 1_000));
      await worker.getBackend().waitForJob(backlog.paused ? 1 : seconds);
      return;
    }
    const waitMs = await options.permit();
    if (waitMs > 0) {
      await pause(Math.min(waitMs, LONGEST_PAUSE_MS));
      return;
    }
    const leads = await take(Math.min(backlog.waiting + due, options.maximum()));
    if (leads.length > 0) upload(leads);
  }

  async function take(count: number): Promise<TakenLead[]> {
    const jobs = await Promise.all(
      Array.from({ length: count }, () => worker.getNextJob(token, { block: false })),
    );
    return jobs.flatMap((job: Job<LeadJob, Returned> | undefined) => {
      const lead = job === undefined ? undefined : adopt(job);
      return lead === undefined ? [] : [lead];
    });
  }

  /** Puts a job into BullMQ's hands (lock renewal, completion) and the decision over it into the caller's. */
  function adopt(job: Job<LeadJob, Returned>): TakenLead | undefined {
    const id = job.id ?? '';
    let settle: Settlement['settle'] = () => {};
    const promise = new Promise<number | undefined>((resolve) => {
      settle = resolve;
    });
    settlements.set(id, { promise, settle });
    const processed: Promise<void> = worker
      .processJob(job, token, () => false)
      .then(() => undefined, onError)
      .finally(() => {
        settlements.delete(id);
        processing.delete(processed);
      });
    processing.add(processed);
    const parsed = leadJobSchema.safeParse(job.data);
    if (!parsed.success) {
      // Of a release that this one does not understand: another worker may.
      onError(new Error(`Job ${id} has data that this release cannot read.`, { cause: parsed.error }));
      settle(options.lockMs);
      return undefined;
    }
    return {
      job: parsed.data,
      stalls: job.stalledCounter,
      finish: () => settle(undefined),
      retry: (delayMs) => settle(Math.max(1, Math.ceil(delayMs))),
    };
  }

  function upload(leads: readonly TakenLead[]) {
    const running: Promise<void> = options
      .handle(leads)
      .catch(onError)
      .finally(() => uploads.delete(running));
    uploads.add(running);
  }

  async function pause(ms: number) {
    if (closing) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  async function run() {
    await worker.waitUntilReady();
    await worker.startStalledCheckTimer();
    worker.startLockRenewal();
    while (!closing) {
      try {
        await turn();
      } catch (error) {
        if (closing) break;
        onError(error);
        await pause(200);
      }
    }
  }

  const running = run().catch(onError);
  return {
    async close() {
      closing = true;
      wake();
      await worker.getBackend().disconnectBlocking(false);
      await running;
      await Promise.all(uploads);
      await Promise.all(processing);
      await worker.close(true);
    },
  };
}
