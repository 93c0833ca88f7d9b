import { z } from 'zod';
import type { Redis } from '../redis/redis.ts';
import { redisScript } from '../redis/redis-script.ts';

/**
 * The board that workers share lanes out on: one hash, so that one read shows everything, and lists that hurry things along.
 *
 * - `worker:<id>` counts the worker's beats: up while it takes lanes, below zero once it is leaving.
 * - `lane:<dialer id>` is the worker that serves the dialer, or empty while nobody does. A dialer without traffic has none.
 * - A *call* is a dialer id in a list that idle workers block on. One that is lost costs a beat, no more: the board has it too.
 *
 * What is read in every beat grows with the dialers that have traffic: about 100 bytes each.
 */
const BOARD = '{lf:lanes}:board';
const CALLS = '{lf:lanes}:calls';
/** Calls that nobody has answered by then are on the board anyway. */
const CALLS_EXPIRE_MS = 10_000;

const workerField = (workerId: string) => `worker:${workerId}`;
const laneField = (dialerId: string) => `lane:${dialerId}`;
const callsOf = (workerId: string) => `${CALLS}:${workerId}`;

/** In place of the owner of a lane that waits for one. */
export const NOBODY = '';

export interface BoardView {
  /** Beats by worker id; below zero: it is leaving. */
  readonly workers: ReadonlyMap<string, number>;
  /** Worker id or NOBODY, by dialer id. */
  readonly owners: ReadonlyMap<string, string>;
}

/** A worker's hands on the board. Everything rejects while Redis is away. */
export interface LaneBoard {
  /** Shows that this worker lives. @returns the board as it is now */
  beat(): Promise<BoardView>;
  /** From here on it gets no more lanes. */
  startLeaving(): Promise<void>;
  /** @param from NOBODY, a dead worker, or this one to make sure. @returns whether the lane is this worker's now */
  claim(dialerId: string, from: string): Promise<boolean>;
  /** Hands a lane of this worker's to another, or calls for anybody who would take it. */
  handOver(dialerId: string, to: string): Promise<void>;
  /** Lets the next beat of whoever it may be take it. */
  putBack(dialerId: string): Promise<void>;
  /** Takes a lane without traffic off the board. @returns false if it was not this worker's */
  release(dialerId: string): Promise<boolean>;
  /** Takes a dead worker off the board, unless it has beaten since. */
  forget(workerId: string, beats: number): Promise<void>;
  leave(): Promise<void>;
}

const announceLane = redisScript(new URL('./announce-lane.lua', import.meta.url));

const claimLane = redisScript(new URL('./claim-lane.lua', import.meta.url));

const handOverLane = redisScript(new URL('./hand-over-lane.lua', import.meta.url));

const removeField = redisScript(new URL('./remove-field.lua', import.meta.url));

const boardSchema = z.record(z.string(), z.string());

/** @param redis owned by the caller, connected for the role `requests` */
export function createLaneBoard(redis: Redis, workerId: string): LaneBoard {
  let leaving = false;
  /** Counted here, not on the board: whoever is taken off it and comes back must not show a count that was seen to stand still. */
  let beats = 0;

  function nextBeat(): number {
    beats += 1;
    return leaving ? -beats : beats;
  }

  return {
    async beat() {
      const [counted, read] =
        (await redis.pipeline().hset(BOARD, workerField(workerId), nextBeat()).hgetall(BOARD).exec()) ?? [];
      const error = counted?.[0] ?? read?.[0];
      if (error) throw error;
      return viewOf(boardSchema.parse(read?.[1]));
    },

    async startLeaving() {
      leaving = true;
      await redis.hset(BOARD, workerField(workerId), nextBeat());
    },

    async claim(dialerId, from) {
      return (await claimLane.run(redis, [BOARD], [laneField(dialerId), from, workerId])) === 1;
    },

    async handOver(dialerId, to) {
      const calls = to === NOBODY ? CALLS : callsOf(to);
      await handOverLane.run(
        redis,
        [BOARD, calls],
        [laneField(dialerId), workerId, to, dialerId, CALLS_EXPIRE_MS],
      );
    },

    async putBack(dialerId) {
      await handOverLane.run(
        redis,
        [BOARD],
        [laneField(dialerId), workerId, NOBODY, dialerId, CALLS_EXPIRE_MS],
      );
    },

    async release(dialerId) {
      return (await removeField.run(redis, [BOARD], [laneField(dialerId), workerId])) === 1;
    },

    async forget(dead, beats) {
      await removeField.run(redis, [BOARD], [workerField(dead), beats]);
    },

    async leave() {
      await redis.hdel(BOARD, workerField(workerId));
    },
  };
}

function viewOf(board: Readonly<Record<string, string>>): BoardView {
  const workers = new Map<string, number>();
  const owners = new Map<string, string>();
  for (const [field, value] of Object.entries(board)) {
    const [kind, id] = [field.slice(0, field.indexOf(':')), field.slice(field.indexOf(':') + 1)];
    if (kind === 'worker') workers.set(id, Number(value));
    else owners.set(id, value);
  }
  return { workers, owners };
}

/** A dialer that somebody should serve. */
export interface LaneCall {
  readonly dialerId: string;
  /** It has been handed to this very worker. */
  readonly handed: boolean;
}

/**
 * Waits for a call.
 *
 * @param redis connected for the role `stream`, used for nothing else meanwhile
 * @param limitS seconds, less than the role's silence; undefined is returned when they have passed
 */
export async function nextCall(
  redis: Redis,
  workerId: string,
  limitS: number,
): Promise<LaneCall | undefined> {
  const own = callsOf(workerId);
  const popped = await redis.blpop(own, CALLS, limitS);
  return popped === null ? undefined : { dialerId: popped[1], handed: popped[0] === own };
}

/** Puts a dialer on the board, and calls for a worker, unless it is there. */
export async function announceOnBoard(redis: Redis, dialerId: string): Promise<void> {
  await announceLane.run(redis, [BOARD, CALLS], [laneField(dialerId), dialerId, CALLS_EXPIRE_MS]);
}
