import { z } from 'zod';
import type { Redis } from '../redis/redis.ts';
import { redisScript } from '../redis/redis-script.ts';

/**
 * The registry of workers and of the leases that they hold on dialers: one hash, so that one read shows everything, and sorted
 * sets of notices.
 *
 * - `worker:<id>` counts the worker's heartbeats: up from 1 while it takes leases, down from -1 once it is leaving.
 * - `lane:<dialer id>` is the id of the worker that serves the dialer, or empty. A dialer without traffic has no entry.
 * - A *notice* is a dialer id in a set that workers block on: the dialer has leads, or its lease was handed over. One set is for all workers,
 *   of dialers without an owner; each worker has another one, of the dialers that it serves. If a notice is lost, a worker finds the dialer
 *   in the hash at its next heartbeat, and its owner finds the leads within two seconds.
 *
 * Each heartbeat reads about 100 bytes per dialer that has traffic.
 */
const REGISTRY = '{lf:lanes}:board';
const NOTICES = '{lf:lanes}:notices';
/** By then, heartbeats have found the dialers of the notices. */
const NOTICES_EXPIRE_MS = 10_000;

/** Taken from a set at once, besides the first. */
const MORE_NOTICES = 200;

const LEASE = 'lane:';
const OWN_NOTICES = `${NOTICES}:`;
const workerField = (workerId: string) => `worker:${workerId}`;
const leaseField = (dialerId: string) => `${LEASE}${dialerId}`;
const noticesOf = (workerId: string) => `${OWN_NOTICES}${workerId}`;

/** The owner of a lease that waits for a worker. */
export const NO_OWNER = '';

export interface RegistryView {
  /** Heartbeat counts by worker id; negative if the worker is leaving. */
  readonly workers: ReadonlyMap<string, number>;
  /** Worker id or NO_OWNER, by dialer id. */
  readonly owners: ReadonlyMap<string, string>;
}

/** One worker's view of the lease registry. Every method rejects while Redis is unavailable. */
export interface LeaseRegistry {
  /** Sends a heartbeat. @returns the registry as it is now */
  heartbeat(): Promise<RegistryView>;
  /** From now on this worker gets no more leases. */
  startLeaving(): Promise<void>;
  /** @param from NO_OWNER, a dead worker, or this worker to make sure. @returns whether this worker now has the lease */
  claim(dialerId: string, from: string): Promise<boolean>;
  /** Gives a lease of this worker to another, or with NO_OWNER to any worker, and notifies. */
  handOver(dialerId: string, to: string): Promise<void>;
  /** Leaves a lease of this worker without an owner; a later heartbeat of any worker takes it. */
  putBack(dialerId: string): Promise<void>;
  /** Removes the lease of a dialer without traffic. @returns false if it was not this worker's */
  release(dialerId: string): Promise<boolean>;
  /** Removes a dead worker, unless it has sent a heartbeat since this count. */
  removeWorker(workerId: string, count: number): Promise<void>;
  /** Removes this worker. */
  leave(): Promise<void>;
}

const announceScript = redisScript(new URL('./announce-dialers.lua', import.meta.url));

const claimLease = redisScript(new URL('./claim-lease.lua', import.meta.url));

const handOverLease = redisScript(new URL('./hand-over-lease.lua', import.meta.url));

const removeEntry = redisScript(new URL('./remove-entry.lua', import.meta.url));

const entriesSchema = z.record(z.string(), z.string());

/** @param redis owned by the caller, connected for the role `requests` */
export function createLeaseRegistry(redis: Redis, workerId: string): LeaseRegistry {
  let leaving = false;
  /** Counted here and not in Redis, so that a worker that was removed as dead returns with a count that others have not seen. */
  let count = 0;

  function nextCount(): number {
    count += 1;
    return leaving ? -count : count;
  }

  return {
    async heartbeat() {
      const [counted, read] =
        (await redis
          .pipeline()
          .hset(REGISTRY, workerField(workerId), nextCount())
          .hgetall(REGISTRY)
          .exec()) ?? [];
      const error = counted?.[0] ?? read?.[0];
      if (error) throw error;
      return viewOf(entriesSchema.parse(read?.[1]));
    },

    async startLeaving() {
      leaving = true;
      await redis.hset(REGISTRY, workerField(workerId), nextCount());
    },

    async claim(dialerId, from) {
      return (await claimLease.run(redis, [REGISTRY], [leaseField(dialerId), from, workerId])) === 1;
    },

    async handOver(dialerId, to) {
      const notices = to === NO_OWNER ? NOTICES : noticesOf(to);
      await handOverLease.run(
        redis,
        [REGISTRY, notices],
        [leaseField(dialerId), workerId, to, dialerId, NOTICES_EXPIRE_MS],
      );
    },

    async putBack(dialerId) {
      await handOverLease.run(
        redis,
        [REGISTRY],
        [leaseField(dialerId), workerId, NO_OWNER, dialerId, NOTICES_EXPIRE_MS],
      );
    },

    async release(dialerId) {
      return (await removeEntry.run(redis, [REGISTRY], [leaseField(dialerId), workerId])) === 1;
    },

    async removeWorker(dead, seen) {
      await removeEntry.run(redis, [REGISTRY], [workerField(dead), seen]);
    },

    async leave() {
      await redis.hdel(REGISTRY, workerField(workerId));
    },
  };
}

function viewOf(entries: Readonly<Record<string, string>>): RegistryView {
  const workers = new Map<string, number>();
  const owners = new Map<string, string>();
  for (const [field, value] of Object.entries(entries)) {
    const [kind, id] = [field.slice(0, field.indexOf(':')), field.slice(field.indexOf(':') + 1)];
    if (kind === 'worker') workers.set(id, Number(value));
    else owners.set(id, value);
  }
  return { workers, owners };
}

/** Dialers that have leads, or whose leases were handed over. */
export interface Notices {
  /** Their leases are this worker's. */
  readonly own: readonly string[];
  /** Their leases are to be claimed. */
  readonly unowned: readonly string[];
}

/**
 * Waits for notices.
 *
 * @param redis connected for the role `stream`, and used for nothing else meanwhile
 * @param limitS seconds, less than the role's silence limit; then there are none
 */
export async function nextNotices(redis: Redis, workerId: string, limitS: number): Promise<Notices> {
  const own = noticesOf(workerId);
  // In this order: a worker whose own notices never end takes those for any worker as well.
  const answers = await redis.pipeline().bzpopmin(NOTICES, own, limitS).zpopmin(own, MORE_NOTICES).exec();
  const [[error, first] = [], [, more] = []] = answers ?? [];
  if (error) throw error;
  const [from, dialerId] = firstSchema.parse(first) ?? [];
  const others = moreSchema.parse(more ?? []).filter((_, at) => at % 2 === 0);
  if (dialerId === undefined) return { own: others, unowned: [] };
  return from === own ? { own: [dialerId, ...others], unowned: [] } : { own: others, unowned: [dialerId] };
}

/** Key, member and score; null if there was nothing. */
const firstSchema = z.tuple([z.string(), z.string(), z.string()]).nullable();
/** Members and scores by turns. */
const moreSchema = z.array(z.string());

/** Notifies the owners of these dialers that there are leads, or any worker of those without an owner. */
export async function announceDialers(redis: Redis, dialerIds: readonly string[]): Promise<void> {
  await announceScript.run(redis, [REGISTRY, NOTICES], [LEASE, OWN_NOTICES, NOTICES_EXPIRE_MS, ...dialerIds]);
}
