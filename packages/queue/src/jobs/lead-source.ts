import { type LeadJob, leadJobSchema } from '@live-feed/core/lead/lead-job';
import type { SettledState } from '@live-feed/core/lead/lead-state';
import { DelayedError, type Job } from 'bullmq';
import type { Redis } from '../redis/redis.ts';
import { redisScript } from '../redis/redis-script.ts';
import { queueName, queuePrefix } from './dialer-queue.ts';
import { ManualWorker } from './manual-worker.ts';
import { type QueueState, readQueueState } from './queue-state.ts';
import { readSentAttempts } from './sent-attempts.ts';
import { createWakeUp } from './wake-up.ts';

/** A lead's job, taken from its queue. It stays locked, and its lock is renewed, until `finish` or `retry` is called. */
export interface TakenJob {
  readonly job: LeadJob;
  /** Number of workers that died with it. */
  readonly stalls: number;
  /** The last attempt that was recorded in the job before sending; 0 if there was none. */
  readonly sentAttempt: number;
  /** Completes the job. @param state that the lead ended in, for people to see */
  finish(state: SettledState): void;
  /**
   * Returns the job to the queue, to be taken again after that time.
   *
   * @param effect `unsent`: this worker has not sent the lead, and knows of no attempt under way: its ingress may withdraw it
   */
  retry(delayMs: number, effect?: 'unsent'): void;
}

/** One dialer's queue, from which jobs are taken on request: first the permit, then the leads. */
export interface LeadSource {
  /** One round trip. */
  state(): Promise<QueueState>;
  /** Up to that many leads, oldest first. */
  take(count: number): Promise<TakenJob[]>;
  /**
   * Resolves when there may be a lead that the last look at the queue did not show, and after `ms` at the latest.
   *
   * @returns whether it was woken
   */
  wait(ms: number): Promise<boolean>;
  /** Makes all delayed leads due, whatever they were delayed for. */
  hurry(): Promise<void>;
  /** Ends the wait under way, or the next one: there may be a lead. */
  wake(): void;
  /** Ends every wait at once, from now on. */
  stopWaiting(): void;
  /** Ends once every job taken has been completed or returned. */
  close(): Promise<void>;
}

interface Options {
  /** Connected for the role `jobs`; shared between sources, owned by the caller. */
  readonly redis: Redis;
  readonly dialerId: string;
  /**
   * How long a lock lasts without renewal. A check every half of this time gives the leads of dead workers to others. It must be the same
   * for all workers, because they share the check's key in Redis.
   */
  readonly lockMs: number;
  readonly onError: (error: unknown) => void;
}

/** A job returns only a state, because BullMQ copies return values into its events. */
type Returned = SettledState;

/** What is done with a taken job: it completes with a state, or returns to the queue. */
type JobAction =
  | { readonly state: SettledState }
  | { readonly retryInMs: number; readonly isUnsent: boolean };

const hurryDelayed = redisScript(new URL('./hurry-delayed.lua', import.meta.url));

/** @throws if Redis ends the connection before it is ready */
export async function openLeadSource(options: Options): Promise<LeadSource> {
  const { redis, dialerId, onError } = options;
  const actions = new Map<string, Promise<JobAction>>();
  /** Jobs that BullMQ renews locks for, until they are completed or returned. */
  const processing = new Set<Promise<void>>();
  const wakeUp = createWakeUp();

  const worker = new ManualWorker<LeadJob, Returned>(queueName(dialerId), processLead, {
    connection: redis,
    prefix: queuePrefix(dialerId),
    autorun: false,
    lockDuration: options.lockMs,
    stalledInterval: options.lockMs / 2,
    // A lead is never given up because its workers died.
    maxStalledCount: Number.MAX_SAFE_INTEGER,
  });
  worker.on('error', onError);
  // A dead worker's leads have returned to the queue.
  worker.on('stalled', wakeUp.wake);
  let takes = 0;
  await worker.waitUntilReady();
  await worker.startStalledCheckTimer();
  worker.startLockRenewal();

  async function processLead(job: Job<LeadJob, Returned>): Promise<Returned> {
    const requested = actions.get(job.id ?? '');
    if (requested === undefined) throw new Error('A job was processed that had not been taken.');
    const action = await requested;
    if ('state' in action) return action.state;
    // `job.moveToDelayed` never counts attempts. Here a start that sent nothing is counted, see take-out.lua.
    await worker.getBackend().moveToDelayed(job.id ?? '', Date.now(), action.retryInMs, job.token, {
      skipAttempt: !action.isUnsent,
    });
    // It may be due before the present wait ends.
    wakeUp.wake();
    throw new DelayedError();
  }

  /** BullMQ renews the job's lock until `finish` or `retry` is called. @returns nothing for a job that this release cannot read */
  function adopt(job: Job<LeadJob, Returned>, token: string, sentAttempt: number): TakenJob[] {
    const id = job.id ?? '';
    let act: (action: JobAction) => void = () => {};
    const requested = new Promise<JobAction>((resolve) => {
      act = resolve;
    });
    actions.set(id, requested);
    const processed: Promise<void> = worker
      .processJob(job, token, () => false)
      .then(() => undefined, onError)
      .finally(() => {
        if (actions.get(id) === requested) actions.delete(id);
        processing.delete(processed);
      });
    processing.add(processed);
    const parsed = leadJobSchema.safeParse(job.data);
    if (!parsed.success) {
      // From another release; a worker of that release may be able to read it.
      onError(new Error(`Job ${id} has data that this release cannot read.`, { cause: parsed.error }));
      act({ retryInMs: options.lockMs, isUnsent: true });
      return [];
    }
    return [
      {
        job: parsed.data,
        stalls: job.stalledCounter,
        sentAttempt,
        finish: (state) => act({ state }),
        retry: (delayMs, effect) =>
          act({ retryInMs: Math.max(1, Math.ceil(delayMs)), isUnsent: effect === 'unsent' }),
      },
    ];
  }

  return {
    async state() {
      wakeUp.clear();
      return readQueueState(redis, dialerId);
    },

    async take(count) {
      // A token of its own each time: a job whose lock was lost and that was taken again is not released by its earlier holder.
      takes += 1;
      const token = `${worker.id}:${takes}`;
      const answers: (Job<LeadJob, Returned> | undefined)[] = await Promise.all(
        Array.from({ length: count }, () => worker.getNextJob(token, { block: false })),
      );
      const jobs = answers.filter((job) => job !== undefined);
      const again = jobs.filter(({ attemptsStarted }) => attemptsStarted > 1).map(({ id = '' }) => id);
      const sent = await readSentAttempts(redis, dialerId, again).catch((error) => {
        for (const lead of jobs.flatMap((job) => adopt(job, token, 0))) lead.retry(0);
        throw error;
      });
      return jobs.flatMap((job) => adopt(job, token, sent.get(job.id ?? '') ?? 0));
    },

    async hurry() {
      await hurryDelayed.run(redis, [worker.keys['delayed'] ?? ''], [Date.now()]);
    },

    wait: wakeUp.wait,
    wake: wakeUp.wake,
    stopWaiting: wakeUp.stop,

    async close() {
      wakeUp.stop();
      await Promise.all(processing);
      await worker.close(true);
    },
  };
}
