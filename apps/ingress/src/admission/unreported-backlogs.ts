import { within } from '@live-feed/core/within';
import { LRUCache } from 'lru-cache';

/**
 * Counts the leads that wait for dialers on which no lane reports: no worker serves them, or no lead has to wait there. Queues are counted now and
 * then, and leads on their way into them at once, so that the limit on a backlog holds without a worker and across ingresses. Ingresses do not know
 * of each other's leads that are on their way: in a burst each may fill the rest of a queue.
 */
export interface UnreportedBacklogs {
  /** Begins to count the dialer's leads, if that is due: `enter` is about to be called. */
  look(dialerId: string): void;
  /** @returns false if the backlog is full; else the lead counts, until `leave` at the latest */
  enter(dialerId: string, leadId: string): Promise<boolean>;
  /** What `enter` would return. No lead is counted. */
  hasRoom(dialerId: string): Promise<boolean>;
  /** The lead is in its queue. */
  queued(dialerId: string, leadId: string): void;
  /** The lead is not on its way into the queue any more. */
  leave(dialerId: string, leadId: string): void;
}

export interface UnreportedBacklogsOptions {
  readonly maxBacklog: number;
  /** Number of leads in the dialer's queue. */
  readonly count: (dialerId: string) => Promise<number>;
  readonly onError: (error: unknown) => void;
}

interface Backlog {
  /** At the last count. */
  length: number;
  /** On `performance.now()`'s scale. */
  countedAt: number;
  /** Leads that this process has queued since that count was begun. */
  added: number;
  readonly onTheirWay: Set<string>;
  counting: Promise<void> | undefined;
}

const COUNT_EVERY_MS = 1_000;
/** The same for one that was found less than half full: what this process adds is known, and makes it count again. */
const COUNT_SMALL_EVERY_MS = 10_000;
/** The same for a backlog that is full. */
const COUNT_FULL_EVERY_MS = 100;
/** A count that takes longer is not waited for: adding the lead's job shows what is wrong with Redis. */
const COUNT_LIMIT_MS = 500;
/** The share of the limit that may be added between two counts, unknown to the other ingresses. */
const UNCOUNTED_SHARE = 0.1;
const MOST_DIALERS = 10_000;

export function createUnreportedBacklogs({
  maxBacklog,
  count,
  onError,
}: UnreportedBacklogsOptions): UnreportedBacklogs {
  const backlogs = new LRUCache<string, Backlog>({ max: MOST_DIALERS });
  const mostUncounted = Math.max(1, Math.floor(maxBacklog * UNCOUNTED_SHARE));

  function backlogOf(dialerId: string): Backlog {
    const known = backlogs.get(dialerId);
    if (known !== undefined) return known;
    const countedAt = Number.NEGATIVE_INFINITY;
    const backlog = { length: 0, countedAt, added: 0, onTheirWay: new Set<string>(), counting: undefined };
    backlogs.set(dialerId, backlog);
    return backlog;
  }

  async function countNow(dialerId: string, backlog: Backlog): Promise<void> {
    const addedBefore = backlog.added;
    try {
      backlog.length = await count(dialerId);
      backlog.added -= addedBefore;
    } catch (error) {
      // Without Redis no lead gets into a queue, so the old count may stand.
      onError(error);
    } finally {
      backlog.countedAt = performance.now();
      backlog.counting = undefined;
    }
  }

  function counted(dialerId: string, backlog: Backlog): Promise<void> {
    backlog.counting ??= countNow(dialerId, backlog);
    return backlog.counting;
  }

  const isFull = ({ length, added, onTheirWay }: Backlog) => length + added + onTheirWay.size >= maxBacklog;

  function isDue(backlog: Backlog): boolean {
    const ageMs = performance.now() - backlog.countedAt;
    if (backlog.added >= mostUncounted) return true;
    if (isFull(backlog)) return ageMs > COUNT_FULL_EVERY_MS;
    return ageMs > (backlog.length < maxBacklog / 2 ? COUNT_SMALL_EVERY_MS : COUNT_EVERY_MS);
  }

  async function present(dialerId: string): Promise<Backlog> {
    const backlog = backlogOf(dialerId);
    if (isDue(backlog)) await within(counted(dialerId, backlog), COUNT_LIMIT_MS, () => undefined);
    return backlog;
  }

  return {
    look(dialerId) {
      const backlog = backlogOf(dialerId);
      if (isDue(backlog)) void counted(dialerId, backlog);
    },
    async enter(dialerId, leadId) {
      const backlog = await present(dialerId);
      // At once: many wait for the same count.
      if (isFull(backlog)) return false;
      backlog.onTheirWay.add(leadId);
      return true;
    },
    hasRoom: async (dialerId) => !isFull(await present(dialerId)),
    queued(dialerId, leadId) {
      const backlog = backlogs.get(dialerId);
      if (backlog?.onTheirWay.delete(leadId)) backlog.added += 1;
    },
    leave(dialerId, leadId) {
      backlogs.get(dialerId)?.onTheirWay.delete(leadId);
    },
  };
}
