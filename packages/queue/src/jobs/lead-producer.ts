import { type LeadJob, leadJobSchema } from '@live-feed/core/lead/lead-job';
import { type Job, Queue } from 'bullmq';
import { LRUCache } from 'lru-cache';
import { createDialerAnnouncer } from '../leases/dialer-announcer.ts';
import { isReady, type Redis } from '../redis/redis.ts';
import { EVENT_STREAM, FINISHED_JOBS, queueName, queuePrefix } from './dialer-queue.ts';
import { join, takeOutUnsent } from './joined-jobs.ts';

/** Redis is away or did not answer in time. `taken` says what is known of the job. */
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
   * Adds the lead's job, unless one of the same join key is in the queue or at work: in one step, so that of equal requests that
   * arrive together, wherever, one has its job added. A lead that is joined is not withdrawn any more.
   *
   * @returns the id of the lead whose job stands for this one, usually its own
   * @throws QueueUnavailableError within 2 s
   */
  add(job: LeadJob): Promise<string>;
  /** Whether a request of this join key would join a lead that is in the queue or at work. @throws QueueUnavailableError */
  isUnderWay(job: LeadJob): Promise<boolean>;
  /** Leads that wait in the dialer's queue, those included that are to be tried again later. @throws QueueUnavailableError */
  count(dialerId: string): Promise<number>;
  /** Keeps requests to come from joining a lead that has ended, whose job is about to. @throws QueueUnavailableError */
  letGo(job: LeadJob, endedLeadId: string): Promise<void>;
  /**
   * Takes a lead's job back that has sent nothing, and that no other request has joined.
   *
   * @param evenIfTaken by workers who put it back unsent: only once the lead is too late to be begun, since it may have a row
   * @returns false if it may have been sent or joined, or if that is not known
   */
  withdraw(job: LeadJob, evenIfTaken: boolean): Promise<boolean>;
  /** Removes the job of a lead that has ended, if that is easily done: whoever takes such a job obeys the row. */
  discard(dialerId: string, leadId: string): Promise<void>;
  /** Gives leads whose row is open their job back. @returns how many had none that was still to run. */
  restore(jobs: readonly LeadJob[]): Promise<number>;
  close(): Promise<void>;
}

/** Queues are kept open for this many dialers; the least recently used is closed beyond it. */
const MOST_QUEUES = 2_000;

/** A job that is to be joined is withdrawn in the same moment: very rarely once. */
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
      // A queue whose set-up failed would fail for ever.
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

  /** The join key goes with the job: BullMQ releases it when the job is completed or removed, and not before. */
  async function addTo(queue: Queue, job: LeadJob): Promise<string> {
    const { leadId, joinKey } = job;
    const joinable = joinKey === undefined || joinKey === null ? {} : { deduplication: { id: joinKey } };
    const added = await queue.add(JOB_NAME, leadJobSchema.parse(job), { jobId: leadId, ...joinable });
    return added.id ?? leadId;
  }

  /** What is only a question has taken nothing, whatever became of it. */
  async function ask<Answer>(dialerId: string, question: (queue: Queue) => Promise<Answer>): Promise<Answer> {
    if (!isReady(redis)) throw new QueueUnavailableError('no');
    try {
      return await question(queueOf(dialerId));
    } catch (error) {
      throw new QueueUnavailableError('no', error);
    }
  }

  async function isUnderWay({ dialerId, joinKey }: LeadJob): Promise<boolean> {
    if (joinKey === undefined || joinKey === null) return false;
    return (await ask(dialerId, (queue) => queue.getDeduplicationJobId(joinKey))) !== null;
  }

  async function letGo({ dialerId }: LeadJob, endedLeadId: string): Promise<void> {
    const ended: Job | undefined = await ask(dialerId, (queue) => queue.getJob(endedLeadId));
    // Only its own key: another lead may have taken it over.
    await ask(dialerId, async () => ended?.removeDeduplicationKey());
  }

  async function restoreOne(job: LeadJob): Promise<boolean> {
    const queue = queueOf(job.dialerId);
    // `add` with the id of a job that exists, a finished one too, is a silent no-op.
    const existing: Job | undefined = await queue.getJob(job.leadId);
    if (existing !== undefined) {
      if (existing.finishedOn === undefined) return false;
      await existing.remove();
    }
    // An equal request may have come meanwhile; this lead is promised, and needs a job of its own.
    if ((await addTo(queue, job)) !== job.leadId) await addTo(queue, { ...job, joinKey: null });
    return true;
  }

  async function withdraw(job: LeadJob, evenIfTaken: boolean): Promise<boolean> {
    if (!isReady(redis)) return false;
    try {
      const queue = queueOf(job.dialerId);
      const existing: Job | undefined = await queue.getJob(job.leadId);
      // A job that the sweep gave back is not the first one of its lead.
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
    isUnderWay,
    count: (dialerId) => ask(dialerId, (queue) => queue.getJobCountByTypes('wait', 'prioritized', 'delayed')),
    letGo,
    withdraw,
    discard,
    async restore(jobs) {
      let restored = 0;
      for (const job of jobs) {
        if (await restoreOne(job)) restored += 1;
        // One that is there all the same may be in a queue that nobody serves.
        announcer.announce(job.dialerId);
      }
      return restored;
    },
    async close() {
      await Promise.all([...queues.values()].map((queue) => queue.close().catch(onError)));
    },
  };
}
