import { z } from 'zod';
import type { Redis } from '../redis/redis.ts';
import { redisScript } from '../redis/redis-script.ts';

/**
 * The registry of workers and of the leases that they hold on dialers: one hash, so that one read shows everything, and lists of
 * notices.
 *
 * - `worker:<id>` counts the worker's heartbeats: up from 1 while it takes leases, down from -1 once it is leaving.
 * - `lane:<dialer id>` is the id of the worker that serves the dialer, or empty. A dialer without traffic has no entry.
 * - A *notice* is a dialer id in a list that workers block on. If one is lost, a worker finds the dialer in the hash at its next
 *   heartbeat.
 *
 * Each heartbeat reads about 100 bytes per dialer that has traffic.
 */
const REGISTRY = '{lf:lanes}:board';
const NOTICES = '{lf:lanes}:calls';
/** By then, heartbeats have found the dialers of the notices. */
const NOTICES_EXPIRE_MS = 10_000;

const workerField = (workerId: string) => `worker:${workerId}`;
const leaseField = (dialerId: string) => `lane:${dialerId}`;
const noticesOf = (workerId: string) => `${NOTICES}:${workerId}`;

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

const announceScript = redisScript(new URL('./announce-dialer.lua', import.meta.url));

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

/** A dialer whose lease is free, or was handed over. */
export interface LeaseNotice {
  readonly dialerId: string;
  /** The lease was handed over to this worker. */
  readonly handedOver: boolean;
}

/**
 * Waits for a notice.
 *
 * @param redis connected for the role `stream`, and used for nothing else meanwhile
 * @param limitS seconds, less than the role's silence limit; then `undefined` is returned
 */
export async function nextNotice(
  redis: Redis,
  workerId: string,
  limitS: number,
): Promise<LeaseNotice | undefined> {
  const own = noticesOf(workerId);
  const popped = await redis.blpop(own, NOTICES, limitS);
  return popped === null ? undefined : { dialerId: popped[1], handedOver: popped[0] === own };
}

/** Adds a dialer to the registry and notifies a worker, unless the dialer is there already. */
export async function announceDialer(redis: Redis, dialerId: string): Promise<void> {
  await announceScript.run(redis, [REGISTRY, NOTICES], [leaseField(dialerId), dialerId, NOTICES_EXPIRE_MS]);
}
