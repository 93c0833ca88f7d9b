import { z } from 'zod';
import type { Redis } from '../redis/redis.ts';
import { redisScript } from '../redis/redis-script.ts';
import { queueName, queuePrefix } from './dialer-queue.ts';

/** What is in a dialer's queue. */
export interface QueueState {
  /** By an operator: its leads wait. */
  readonly paused: boolean;
  /** Leads that can be taken now. */
  readonly waiting: number;
  /** Until the next delayed lead is due; undefined if there is none. */
  readonly dueInMs: number | undefined;
  /** Leads to be tried again later. */
  readonly delayed: number;
  /** The next lead to be taken, and the next delayed one: usually the oldest. */
  readonly nextLeadIds: readonly string[];
}

/** A script, because a pipeline of ioredis costs more with every script that BullMQ has defined on the connection. */
const readState = redisScript(new URL('./queue-state.lua', import.meta.url));
const stateSchema = z.tuple([z.number(), z.number(), z.number(), z.string(), z.string(), z.string()]);

/** One round trip. */
export async function readQueueState(redis: Redis, dialerId: string): Promise<QueueState> {
  const queue = `${queuePrefix(dialerId)}:${queueName(dialerId)}`;
  const keys = ['meta', 'wait', 'prioritized', 'delayed'].map((name) => `${queue}:${name}`);
  const answer = stateSchema.parse(await readState.run(redis, keys, []));
  const [paused, waiting, delayed, dueId, score, nextId] = answer;
  // BullMQ keeps the due time in the upper bits of the score.
  const dueInMs = score === '' ? undefined : Math.max(0, Number(score) / 4096 - Date.now());
  return {
    paused: paused === 1,
    // A due lead is moved to the waiting ones by the next take.
    waiting: waiting + (dueInMs === 0 ? 1 : 0),
    dueInMs,
    delayed,
    nextLeadIds: [nextId, dueId].filter((id) => id !== ''),
  };
}
