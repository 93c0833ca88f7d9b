import { type LeadJob, leadJobSchema } from '@live-feed/core/lead/lead-job';
import { type Job, Queue } from 'bullmq';
import { LRUCache } from 'lru-cache';
import { createDialerAnnouncer } from '../leases/dialer-announcer.ts';
import { isReady, type Redis } from '../redis/redis.ts';
import { EVENT_STREAM, FINISHED_JOBS, queueName, queuePrefix } from './dialer-queue.ts';
import { join, takeOutUnsent } from './joined-jobs.ts';

/** Redis is unavailable or did not answer in time. `taken` says whether the job was added. */
export class QueueUnavailableError extends Error {
  override readonly name = 'QueueUnavailableError';
  /** `no`: the job is not in the queue. `perhaps`: the command may have been carried out. */
  readonly taken: 'no' | 'perhaps';

  constructor(taken: 'no' | 'perhaps', cause?: unknown) {
    super('The lead queue cannot be reached.', { cause });
    this.taken = taken;
  }
}

export interface LeadProducer {
  /**
   * Adds the lead's job, unless a job with the same join key is queued or under way. This is one step, so that of equal requests that
   * arrive at the same time, at any ingress, only one adds its job. A joined lead is no longer withdrawn.
   *
   * @returns the id of the lead whose response this request gets, usually its own
   * @throws QueueUnavailableError within 2 s
   */
  add(job: LeadJob): Promise<string>;
  /** Joins that lead, as `add` would. @returns false, with nothing changed, if no job of that join key and lead is unfinished @throws QueueUnavailableError */
  join(job: LeadJob, leadId: string): Promise<boolean>;
  /** Looks only. @returns the id of the lead that a request with this join key would join @throws QueueUnavailableError */
  findUnderWay(job: LeadJob): Promise<string | undefined>;
  /** Number of leads that wait in the dialer's queue, including those to be retried later. @throws QueueUnavailableError */
  count(dialerId: string): Promise<number>;
  /** Prevents later requests from joining a lead that has ended but whose job has not yet. @throws QueueUnavailableError */
  letGo(job: LeadJob, endedLeadId: string): Promise<void>;
  /**
   * Removes the job of a lead that was not sent and that no other request has joined.
   *
   * @param evenIfTaken also a job that a worker has taken and put back unsent. Only for a lead that is too late to be started, because it may have a row
   * @returns false if it was, or may have been, sent or joined
   */
  withdraw(job: LeadJob, evenIfTaken: boolean): Promise<boolean>;
  /** Tries to remove the job of a lead that has ended. If it stays, the worker that takes it finds the end in the row. */
  discard(dialerId: string, leadId: string): Promise<void>;
  /** Adds jobs for leads whose row is open. @returns how many had no unfinished job */
  restore(jobs: readonly LeadJob[]): Promise<number>;
  close(): Promise<void>;
}

/** Maximum number of open queues; beyond it the least recently used one is closed. */
const MOST_QUEUES = 2_000;

/** A join fails if the job is withdrawn at the same moment: very rarely once. */
const MOST_JOINS = 3;

const JOB_NAME = 'lead';

/** @param redis owned by the caller, connected for the role `requests` (or `jobs`, where waiting for Redis is right) */
export function createLeadProducer(redis: Redis, onError: (error: unknown) => void): LeadProducer {
  const queues = new LRUCache<string, Queue>({
    max: MOST_QUEUES,
    dispose: (queue) => void queue.close().catch(onError),
  });
  const announcer = createDialerAnnouncer(redis, onError);

  function queueOf(dialerId: string): Queue {
    const known = queues.get(dialerId);
    if (known !== undefined) return known;
    const queue = new Queue(queueName(dialerId), {
      connection: redis,
      prefix: queuePrefix(dialerId),
      streams: EVENT_STREAM,
      defaultJobOptions: {
        removeOnComplete: FINISHED_JOBS,
        removeOnFail: FINISHED_JOBS,
        stackTraceLimit: 1,
      },
    });
    queue.on('error', onError);
    queues.set(dialerId, queue);
    return queue;
  }

  async function add(job: LeadJob): Promise<string> {
    if (!isReady(redis)) throw new QueueUnavailableError('no');
    const queue = queueOf(job.dialerId);
    let leadId: string;
    try {
      leadId = await addOrJoin(queue, job);
    } catch (error) {
      // A queue whose initialisation failed would fail on every use.
      queues.delete(job.dialerId);
      throw new QueueUnavailableError('perhaps', error);
    }
    announcer.announce(job.dialerId);
    return leadId;
  }

  async function addOrJoin(queue: Queue, job: LeadJob): Promise<string> {
    for (let tried = 0; tried < MOST_JOINS; tried += 1) {
      const leadId = await addTo(queue, job);
      if (leadId === job.leadId || (await join(redis, queue, job.joinKey ?? '', leadId))) return leadId;
    }
    return addTo(queue, { ...job, joinKey: null });
  }

  /** The join key belongs to the job: BullMQ releases it only when the job is completed or removed. */
  async function addTo(queue: Queue, job: LeadJob): Promise<string> {
    const { leadId, joinKey } = job;
    const joinable = joinKey === undefined || joinKey === null ? {} : { deduplication: { id: joinKey } };
    const added = await queue.add(JOB_NAME, leadJobSchema.parse(job), { jobId: leadId, ...joinable });
    return added.id ?? leadId;
  }

  /** For commands that add no job: after an error, `taken` is `no`. */
  async function ask<Answer>(dialerId: string, question: (queue: Queue) => Promise<Answer>): Promise<Answer> {
    if (!isReady(redis)) throw new QueueUnavailableError('no');
    try {
      return await question(queueOf(dialerId));
    } catch (error) {
      throw new QueueUnavailableError('no', error);
    }
  }

  async function findUnderWay({ dialerId, joinKey }: LeadJob): Promise<string | undefined> {
    if (joinKey === undefined || joinKey === null) return undefined;
    return (await ask(dialerId, (queue) => queue.getDeduplicationJobId(joinKey))) ?? undefined;
  }

  async function letGo({ dialerId }: LeadJob, endedLeadId: string): Promise<void> {
    const ended: Job | undefined = await ask(dialerId, (queue) => queue.getJob(endedLeadId));
    // Removes the key only if it still belongs to this job.
    await ask(dialerId, async () => ended?.removeDeduplicationKey());
  }

  async function restoreOne(job: LeadJob): Promise<boolean> {
    const queue = queueOf(job.dialerId);
    // `add` with the id of an existing job, even a finished one, does nothing.
    const existing: Job | undefined = await queue.getJob(job.leadId);
    if (existing !== undefined) {
      if (existing.finishedOn === undefined) return false;
      await existing.remove();
    }
    // An equal request may have arrived meanwhile; this lead is promised and needs its own job.
    if ((await addTo(queue, job)) !== job.leadId) await addTo(queue, { ...job, joinKey: null });
    return true;
  }

  async function withdraw(job: LeadJob, evenIfTaken: boolean): Promise<boolean> {
    if (!isReady(redis)) return false;
    try {
      const queue = queueOf(job.dialerId);
      const existing: Job | undefined = await queue.getJob(job.leadId);
      // A job that the reconciler added is not the lead's first one.
      if (existing === undefined || leadJobSchema.parse(existing.data).replyTo !== job.replyTo) return false;
      return await takeOutUnsent(redis, queue, job, evenIfTaken);
    } catch (error) {
      onError(error);
      return false;
    }
  }

  async function discard(dialerId: string, leadId: string): Promise<void> {
    if (!isReady(redis)) return;
    try {
      await queueOf(dialerId).remove(leadId);
    } catch (error) {
      onError(error);
    }
  }

  return {
    add,
    join: ({ dialerId, joinKey }, leadId) =>
      ask(dialerId, (queue) => join(redis, queue, joinKey ?? '', leadId)),
    findUnderWay,
    count: (dialerId) => ask(dialerId, (queue) => queue.getJobCountByTypes('wait', 'prioritized', 'delayed')),
    letGo,
    withdraw,
    discard,
    async restore(jobs) {
      let restored = 0;
      for (const job of jobs) {
        if (await restoreOne(job)) restored += 1;
        // Even an existing job may be in a queue that no worker serves.
        announcer.announce(job.dialerId);
      }
      return restored;
    },
    async close() {
      announcer.close();
      await Promise.all([...queues.values()].map((queue) => queue.close().catch(onError)));
    },
  };
}
