import pTimeout from 'p-timeout';
import { abandonRedis, LONGEST_BLOCK_MS, type Redis, readUnlessAborted } from '../redis/redis.ts';
import { createHeartbeatWatch } from './heartbeat-watch.ts';
import { createHeldLeases, type HeldLease, type OpenDialer } from './held-leases.ts';
import { balance } from './lease-balance.ts';
import { createLeaseRegistry, NO_OWNER, nextNotices, type RegistryView } from './lease-registry.ts';

/**
 * A dialer that has traffic is served by one worker at a time, the one that holds its lease. Workers claim leases as dialers are
 * announced, balance them as workers come and go, take over those of dead workers, and give back idle ones.
 *
 * Leases exist for efficiency only: one worker groups and counts a dialer's leads, and only dialers with traffic need a lane. Two
 * workers may serve one dialer for a moment: it does no harm, because the lead row decides what is sent.
 *
 * Each worker sends heartbeats: it increases its count in the registry and reads the registry. A worker whose count does not change
 * during three heartbeats of another is dead to that other, which then takes its share of the leases: within four heartbeats of the death,
 * 3.2 s. A worker that was paused or cut off finds other owners of its leases at its next heartbeat, and stops serving them. After Redis
 * has lost everything, each worker registers its leases again.
 */

export interface LeasesOptions {
  /** Connected for the role `requests`; owned by the caller. */
  readonly redis: Redis;
  /** Connected for the role `stream`, used for nothing else. `close` ends it, and with it a blocking read. */
  readonly blockingRedis: Redis;
  /** A new one for each start of a process. */
  readonly workerId: string;
  /** Starts serving a dialer. If it fails, a later heartbeat of any worker claims the lease. */
  readonly onClaim: (dialerId: string) => OpenDialer | Promise<OpenDialer>;
  readonly onError: (error: unknown) => void;
  /** The same for all workers, because deaths are found by counting heartbeats. */
  readonly heartbeatMs?: number;
  /** A lease idle for so long is given back. Longer than BullMQ takes to find the stalled jobs of a dead worker. */
  readonly idleMs?: number;
}

export interface Leases {
  /** Dialers served by this worker. */
  count(): number;
  /** Hands each lease to another worker as soon as its uploads under way have ended. */
  close(): Promise<void>;
}

/** Two commands per heartbeat, and two per blocking read: an idle worker makes three or four Redis commands a second for its leases. */
const HEARTBEAT_MS = 800;
const DEAD_AFTER_HEARTBEATS = 3;
/** Locks of 8 s and a check every 4 s, see `lead-source.ts`. */
const IDLE_MS = 15_000;
const NOTICE_LIMIT_S = LONGEST_BLOCK_MS / 1_000;
/** If a command is never answered because its connection broke, the next heartbeat still follows. */
const LONGEST_HEARTBEAT_MS = 3_000;
/** Before a failed read is tried again. */
const RETRY_MS = 200;
/**
 * A worker goes on serving a dialer for so long after it released the lease. So it finds leads that were added, or announced to it, at that
 * moment.
 */
const LINGER_HEARTBEATS = 3;

/** Starts at once. */
export function createLeases(options: LeasesOptions): Leases {
  const { redis, blockingRedis, workerId, onClaim, onError } = options;
  const { heartbeatMs = HEARTBEAT_MS, idleMs = IDLE_MS } = options;
  const registry = createLeaseRegistry(redis, workerId);
  const leases = createHeldLeases(registry, onClaim, onError);
  const watch = createHeartbeatWatch(DEAD_AFTER_HEARTBEATS);
  /** Dialers without an owner at the last heartbeat too: the worker that should have claimed them did not. */
  let overdue = new Set<string>();
  const closing = new AbortController();
  const isClosing = () => closing.signal.aborted;
  let heartbeatUnderWay = Promise.resolve();
  let timer: NodeJS.Timeout | undefined;

  async function claim(dialerId: string, from: string): Promise<void> {
    if (await registry.claim(dialerId, from)) leases.open(dialerId);
  }

  async function heartbeat(): Promise<void> {
    const view = await registry.heartbeat();
    const dead = new Set(watch.dead(view.workers));
    if (isClosing()) return;
    await followRegistry(view);
    for (const [dialerId, held] of leases.all) await tend(dialerId, held);
    await rebalance(view, dead);
    for (const worker of dead) await registry.removeWorker(worker, view.workers.get(worker) ?? 0);
  }

  /**
   * Serves exactly the dialers that the registry gives to this worker. The view may be older than a recent claim, so a lease is claimed
   * again before the dialer is given up.
   */
  async function followRegistry({ owners }: RegistryView): Promise<void> {
    for (const [dialerId, { phase }] of leases.all) {
      if (phase.name !== 'serving' || owners.get(dialerId) === workerId) continue;
      if (!(await registry.claim(dialerId, NO_OWNER))) leases.giveUp(dialerId);
    }
    for (const [dialerId, owner] of owners) {
      if (owner === workerId && !leases.all.has(dialerId)) await claim(dialerId, workerId);
    }
  }

  /** Gives an idle lease back in two steps: releases it, then stops serving if no lead comes during some more heartbeats. */
  async function tend(dialerId: string, held: HeldLease): Promise<void> {
    const idle = (held.dialer?.idleForMs() ?? 0) >= idleMs;
    if (held.phase.name === 'serving') {
      if (idle && (await registry.release(dialerId)))
        held.phase = { name: 'lingering', heartbeatsLeft: LINGER_HEARTBEATS };
    } else if (held.phase.name === 'lingering') {
      const { heartbeatsLeft } = held.phase;
      if (idle && heartbeatsLeft > 0) held.phase = { name: 'lingering', heartbeatsLeft: heartbeatsLeft - 1 };
      else if (!idle && (await registry.claim(dialerId, NO_OWNER))) leases.open(dialerId);
      else leases.giveUp(dialerId);
    }
  }

  async function rebalance(
    { workers, owners: seen }: RegistryView,
    dead: ReadonlySet<string>,
  ): Promise<void> {
    const takers = [...workers].filter(([id, count]) => count > 0 && !dead.has(id)).map(([id]) => id);
    // A worker that is leaving hands over its own leases.
    const leaving = (owner: string) => (workers.get(owner) ?? 0) < 0 && !dead.has(owner);
    const owners = new Map([...seen].filter(([, owner]) => !leaving(owner)));
    for (const [dialerId, { phase }] of leases.all) {
      if (phase.name === 'handing-over' && owners.has(dialerId)) owners.set(dialerId, phase.to);
    }

    const free = new Set<string>();
    const claims: Promise<void>[] = [];
    for (const [dialerId, to] of balance(owners, takers)) {
      const owner = owners.get(dialerId) ?? NO_OWNER;
      if (takers.includes(owner)) {
        if (owner === workerId) leases.handOver(dialerId, to);
        continue;
      }
      free.add(dialerId);
      if (to === workerId || overdue.has(dialerId)) claims.push(claim(dialerId, owner));
    }
    await Promise.all(claims);
    overdue = free;
  }

  function runHeartbeats(): void {
    heartbeatUnderWay = pTimeout(heartbeat(), {
      milliseconds: LONGEST_HEARTBEAT_MS,
      message: 'A heartbeat took too long; the next one follows.',
    })
      .catch(onError)
      .then(() => {
        timer = setTimeout(runHeartbeats, heartbeatMs);
      });
  }

  /** Claims a dialer without a lease, and wakes one that is served, as soon as it is announced. */
  async function followNotices(): Promise<void> {
    while (!isClosing()) {
      try {
        const read = nextNotices(blockingRedis, workerId, NOTICE_LIMIT_S);
        const { own, unowned } = await readUnlessAborted(read, closing.signal);
        for (const dialerId of own) if (!wake(dialerId)) await claim(dialerId, workerId);
        for (const dialerId of unowned) {
          await claim(dialerId, NO_OWNER);
          wake(dialerId);
        }
      } catch (error) {
        if (isClosing()) return;
        onError(error);
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
      }
    }
  }

  /** @returns false if the dialer is not served here; one that is being opened looks at its queue by itself */
  function wake(dialerId: string): boolean {
    const held = leases.all.get(dialerId);
    held?.dialer?.wake();
    return held?.phase.name === 'serving';
  }

  runHeartbeats();
  const listening = followNotices();
  return {
    count: () => leases.all.size,

    async close() {
      closing.abort();
      abandonRedis(blockingRedis);
      await Promise.all([listening, heartbeatUnderWay]);
      // Heartbeats go on, so that no other worker takes over uploads under way.
      await registry.startLeaving().catch(onError);
      await leases.close();
      await heartbeatUnderWay;
      clearTimeout(timer);
      await registry.leave().catch(onError);
    },
  };
}
