import pTimeout from 'p-timeout';
import { type Redis, readUnlessAborted } from '../redis/redis.ts';
import { createHeldLanes, type HeldLane, type Lane } from './held-lanes.ts';
import { createBeatWatch } from './lane-beats.ts';
import { type BoardView, createLaneBoard, NOBODY, nextCall } from './lane-board.ts';
import { shareOut } from './lane-shares.ts';

/**
 * A dialer that has traffic is served by one worker at a time, its lane. Workers claim lanes as dialers are announced, share them out
 * evenly as workers come and go, take over those of the dead, and give back those that are idle.
 *
 * This is for efficiency only: one place that groups and counts, a connection for each dialer with traffic and none for the others. Two
 * lanes on one dialer for a moment do no harm, because the lead row arbitrates; so nothing here tries to exclude that.
 *
 * Each worker beats: it raises its count on the board and reads the board. One whose count stands still during three beats of
 * another's is dead to that one, which then takes its share of the lanes: within four beats of the death, 3.2 s. A worker that was
 * stopped, or cut off, finds others' names on its lanes at its next beat, and gives them up. After Redis has lost everything, each puts its
 * lanes on the board again.
 */

export interface LanesOptions {
  /** Connected for the role `requests`; owned by the caller. */
  readonly redis: Redis;
  /** Connected for the role `stream`, used for nothing else. `close` disconnects it, which is what ends a blocking read. */
  readonly blockingRedis: Redis;
  /** Of this process only: another one for each start. */
  readonly workerId: string;
  /** Starts serving a dialer. If it fails, the lane is there for the next beat of whoever it may be. */
  readonly onClaim: (dialerId: string) => Lane | Promise<Lane>;
  readonly onError: (error: unknown) => void;
  /** The same everywhere, since deaths are told by it. */
  readonly beatMs?: number;
  /** Idle for so long, a lane is given back. More than it takes until the jobs of a dead worker are found to have stalled. */
  readonly idleMs?: number;
}

export interface Lanes {
  /** Dialers served here. */
  count(): number;
  /** Lets uploads under way end, and hands each lane to another worker as soon as its own have. */
  close(): Promise<void>;
}

/** Two commands a beat, and one for each blocking read: an idle worker makes three Redis commands a second for its lanes. */
const BEAT_MS = 800;
const DEAD_AFTER_BEATS = 3;
/** Locks of 8 s and a check every 4 s, see `lead-source.ts`. */
const IDLE_MS = 15_000;
/** Less than the silence that ends a `stream` connection. */
const CALL_LIMIT_S = 2;
/** A command that is never answered, its connection having gone at the wrong moment, must not end a worker's beats. */
const LONGEST_BEAT_MS = 3_000;
/** Before a failed read is tried again. */
const RETRY_MS = 200;
/**
 * A lane serves on for so long after it was taken off the board. A lead that was added when its producer had just seen it there is
 * found, and so is one that was added while the producer remembered.
 */
const LINGER_BEATS = 3;

/** Starts at once. */
export function createLanes(options: LanesOptions): Lanes {
  const { redis, blockingRedis, workerId, onClaim, onError } = options;
  const { beatMs = BEAT_MS, idleMs = IDLE_MS } = options;
  const board = createLaneBoard(redis, workerId);
  const lanes = createHeldLanes(board, onClaim, onError);
  const watch = createBeatWatch(DEAD_AFTER_BEATS);
  /** Without a worker in the beat before, too: whoever they were meant for did not take them. */
  let overdue = new Set<string>();
  const closing = new AbortController();
  const isClosing = () => closing.signal.aborted;
  let beatUnderWay = Promise.resolve();
  let timer: NodeJS.Timeout | undefined;

  async function claim(dialerId: string, from: string): Promise<void> {
    if (await board.claim(dialerId, from)) lanes.open(dialerId);
  }

  async function beat(): Promise<void> {
    const view = await board.beat();
    const dead = new Set(watch.dead(view.workers));
    if (isClosing()) return;
    await followBoard(view);
    for (const [dialerId, held] of lanes.all) await tend(dialerId, held);
    await share(view, dead);
    for (const worker of dead) await board.forget(worker, view.workers.get(worker) ?? 0);
  }

  /**
   * What is served here becomes what the board says. The view may be older than a claim of a moment ago, so the board is asked
   * again before anything changes.
   */
  async function followBoard({ owners }: BoardView): Promise<void> {
    for (const [dialerId, { phase }] of lanes.all) {
      if (phase.name !== 'serving' || owners.get(dialerId) === workerId) continue;
      if (!(await board.claim(dialerId, NOBODY))) lanes.giveUp(dialerId);
    }
    for (const [dialerId, owner] of owners) {
      if (owner === workerId && !lanes.all.has(dialerId)) await claim(dialerId, workerId);
    }
  }

  /** Gives an idle lane back in two steps: off the board, and closed when no lead has come for some beats more. */
  async function tend(dialerId: string, held: HeldLane): Promise<void> {
    const idle = (held.lane?.idleForMs() ?? 0) >= idleMs;
    if (held.phase.name === 'serving') {
      if (idle && (await board.release(dialerId)))
        held.phase = { name: 'lingering', beatsLeft: LINGER_BEATS };
    } else if (held.phase.name === 'lingering') {
      const { beatsLeft } = held.phase;
      if (idle && beatsLeft > 0) held.phase = { name: 'lingering', beatsLeft: beatsLeft - 1 };
      else if (!idle && (await board.claim(dialerId, NOBODY))) lanes.open(dialerId);
      else lanes.giveUp(dialerId);
    }
  }

  async function share({ workers, owners: seen }: BoardView, dead: ReadonlySet<string>): Promise<void> {
    const takers = [...workers].filter(([id, beats]) => beats > 0 && !dead.has(id)).map(([id]) => id);
    // Who is leaving hands its lanes over itself.
    const leaving = (owner: string) => (workers.get(owner) ?? 0) < 0 && !dead.has(owner);
    const owners = new Map([...seen].filter(([, owner]) => !leaving(owner)));
    for (const [dialerId, { phase }] of lanes.all) {
      if (phase.name === 'handing' && owners.has(dialerId)) owners.set(dialerId, phase.to);
    }

    const free = new Set<string>();
    const claims: Promise<void>[] = [];
    for (const [dialerId, to] of shareOut(owners, takers)) {
      const owner = owners.get(dialerId) ?? NOBODY;
      if (takers.includes(owner)) {
        if (owner === workerId) lanes.handOver(dialerId, to);
        continue;
      }
      free.add(dialerId);
      if (to === workerId || overdue.has(dialerId)) claims.push(claim(dialerId, owner));
    }
    await Promise.all(claims);
    overdue = free;
  }

  function runBeats(): void {
    beatUnderWay = pTimeout(beat(), {
      milliseconds: LONGEST_BEAT_MS,
      message: 'A heartbeat took too long; the next one follows.',
    })
      .catch(onError)
      .then(() => {
        timer = setTimeout(runBeats, beatMs);
      });
  }

  /** A dialer without a lane is claimed as soon as it is announced. */
  async function runCalls(): Promise<void> {
    while (!isClosing()) {
      try {
        const read = nextCall(blockingRedis, workerId, CALL_LIMIT_S);
        const call = await readUnlessAborted(read, closing.signal);
        if (call !== undefined && !isClosing()) await claim(call.dialerId, call.handed ? workerId : NOBODY);
      } catch (error) {
        if (isClosing()) return;
        onError(error);
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
      }
    }
  }

  runBeats();
  const listening = runCalls();
  return {
    count: () => lanes.all.size,

    async close() {
      closing.abort();
      blockingRedis.disconnect();
      await Promise.all([listening, beatUnderWay]);
      // It goes on beating, so that nobody takes over what is still under way.
      await board.startLeaving().catch(onError);
      await lanes.close();
      await beatUnderWay;
      clearTimeout(timer);
      await board.leave().catch(onError);
    },
  };
}
