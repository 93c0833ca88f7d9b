import { createUploadGroups, type UploadGroups } from '@live-feed/core/upload/upload-groups';
import type { LeadSource, TakenJob } from '@live-feed/queue/jobs/lead-source';
import type { QueueState } from '@live-feed/queue/jobs/queue-state';
import type { TakenLead } from '../delivery/taken-lead.ts';

/** The leads that a lane has taken from its queue, waiting for their permits; and the queue as of the last look. */
export interface Prefetch {
  readonly queue: QueueState;
  readonly groups: Pick<UploadGroups<TakenLead>, 'size' | 'ready' | 'oldest' | 'loads' | 'next'>;
  look(): Promise<QueueState>;
  /** @returns how many there were */
  take(count: number): Promise<number>;
  /** Takes as many of the waiting leads as there is room for. */
  takeAhead(waiting: number): Promise<void>;
  /** Leads of one upload that was refused as a whole: they go again, in halves. */
  addRefused(leads: readonly TakenLead[]): void;
  /** Puts leads of paused campaigns back into the queue, where they wait for another look, so that they take no room here. */
  setAsidePaused(): void;
  /** Returns all leads to the queue. */
  returnAll(): void;
}

export interface PrefetchOptions {
  readonly source: LeadSource;
  /** Maximum number of leads taken and waiting for their permits. */
  readonly capacity: number;
  readonly read: (taken: TakenJob) => TakenLead;
  /** The dialer's paused campaigns: their leads are not uploaded. */
  readonly paused: () => ReadonlySet<string>;
}

/** Leads taken ahead in one go. */
const TAKE_AHEAD = 1_000;
/** Before jobs are taken again that could not be read. */
const ERROR_PAUSE_MS = 200;
/** Until a lead of a paused campaign is looked at again, half of it more or less. A resumed campaign's do not wait for that. */
const SET_ASIDE_MS = 30_000;

export function createPrefetch({ source, capacity, read, paused }: PrefetchOptions): Prefetch {
  const groups = createUploadGroups<TakenLead>();
  let queue: QueueState = { paused: false, waiting: 0, dueInMs: undefined, delayed: 0, nextLeadIds: [] };

  async function take(count: number): Promise<number> {
    const limit = Math.min(count, capacity - groups.size);
    if (limit <= 0) return 0;
    const taken = await source.take(limit);
    queue = { ...queue, waiting: Math.max(0, queue.waiting - taken.length) };
    try {
      returnLeads(groups.add(taken.map(read)));
    } catch (error) {
      for (const each of taken) each.retry(ERROR_PAUSE_MS);
      throw error;
    }
    return taken.length;
  }

  return {
    groups,
    get queue() {
      return queue;
    },
    async look() {
      queue = await source.state();
      return queue;
    },
    take,
    async takeAhead(waiting) {
      for (let left = waiting; left > 0; left -= TAKE_AHEAD) {
        const count = Math.min(left, TAKE_AHEAD);
        if ((await take(count)) < count) return;
      }
    },
    setAsidePaused() {
      const campaigns = paused();
      if (campaigns.size === 0) return;
      const delayMs = () => SET_ASIDE_MS * (0.5 + Math.random());
      for (const lead of groups.removeCampaigns((id) => campaigns.has(id))) returnLead(lead, delayMs());
    },
    addRefused: (leads) => returnLeads(groups.addRefused(leads)),
    returnAll: () => returnLeads(groups.drain()),
  };
}

export function returnLeads(leads: readonly TakenLead[]): void {
  for (const lead of leads) returnLead(lead, 0);
}

/** A lead that was sent before must not be withdrawn by its ingress: its row may not say so. */
function returnLead({ taken }: TakenLead, delayMs: number): void {
  taken.retry(delayMs, taken.sentAttempt === 0 ? 'unsent' : undefined);
}
