import type { Redis } from '@live-feed/queue/redis/redis';
import { CannotArrange, type Fault } from '../fault.ts';

const KILLED_FOR_MS = 10_000;
const FROZEN_FOR_MS = 10_000;
/** Longer than a request waits for a command. Shorter than any connection stays silent before it is replaced: this command would be sent again. */
const SLEEP_MS = 3_000;

export const redisFaults: readonly Fault[] = [
  {
    name: 'redis-restarted',
    what: 'Redis restarted',
    target: 'Redis',
    lastsMs: 0,
    async strike({ system: { redis } }) {
      await redis.restart();
      return nothing;
    },
  },
  {
    name: 'redis-killed',
    what: 'Redis killed for 10 s',
    target: 'Redis',
    lastsMs: KILLED_FOR_MS,
    async strike({ system: { redis } }) {
      await redis.kill();
      return () => redis.restart();
    },
  },
  {
    name: 'redis-frozen',
    what: 'Redis frozen for 10 s (SIGSTOP)',
    target: 'Redis',
    lastsMs: FROZEN_FOR_MS,
    async strike({ system: { redis } }) {
      redis.freeze();
      return async () => redis.thaw();
    },
  },
  {
    name: 'redis-silent',
    what: 'connections to Redis gone silent',
    target: 'Redis',
    lastsMs: 0,
    async strike({ system: { redisProxy } }) {
      redisProxy.silence();
      return nothing;
    },
  },
  {
    name: 'redis-replica',
    what: 'Redis a read-only replica',
    target: 'Redis',
    async strike({ system: { queues } }) {
      // Of a master that is not there: what it holds stays as it is.
      await queues.redis.replicaof('127.0.0.1', 1);
      return async () => {
        await queues.redis.replicaof('NO', 'ONE');
      };
    },
  },
  {
    name: 'redis-client-kill',
    what: 'all connections to Redis cut',
    target: 'Redis',
    lastsMs: 0,
    async strike({ system: { queues } }) {
      const cut = await queues.redis.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
      if (Number(cut) === 0) throw new CannotArrange('there were no connections');
      return nothing;
    },
  },
  {
    name: 'redis-sleep',
    what: 'Redis asleep for 3 s (DEBUG SLEEP)',
    target: 'Redis',
    lastsMs: 0,
    async strike({ system: { queues } }) {
      await queues.redis.call('DEBUG', 'SLEEP', String(SLEEP_MS / 1_000)).catch((error: Error) => {
        throw new CannotArrange(`Redis refused DEBUG: ${error.message}`);
      });
      return nothing;
    },
  },
  {
    name: 'redis-out-of-memory',
    what: 'Redis out of memory',
    target: 'Redis',
    async strike({ system: { queues } }) {
      await queues.redis.config('SET', 'maxmemory', '1mb');
      await expectOutOfMemory(queues.redis);
      return async () => {
        await queues.redis.config('SET', 'maxmemory', '0');
      };
    },
  },
  {
    name: 'redis-streams-deleted',
    what: 'all event streams deleted',
    target: 'Redis',
    lastsMs: 0,
    async strike({ system: { queues } }) {
      if ((await deleteStreams(queues.redis)) === 0) throw new CannotArrange('there were no streams');
      return nothing;
    },
  },
  {
    name: 'redis-wiped',
    what: 'Redis wiped (FLUSHALL)',
    target: 'Redis',
    lastsMs: 0,
    async strike({ system: { queues } }) {
      await queues.redis.flushall();
      return nothing;
    },
  },
];

async function expectOutOfMemory(redis: Redis): Promise<void> {
  const answer = await redis.set('faults:out-of-memory', '1').catch((refusal: Error) => refusal);
  if (answer instanceof Error) return;
  await redis.config('SET', 'maxmemory', '0');
  throw new CannotArrange('Redis still had memory');
}

/** @returns how many */
async function deleteStreams(redis: Redis): Promise<number> {
  let deleted = 0;
  let cursor = '0';
  do {
    const [next, keys] = await redis.scan(cursor, 'TYPE', 'stream');
    if (keys.length > 0) deleted += await redis.del(...keys);
    cursor = next;
  } while (cursor !== '0');
  return deleted;
}

async function nothing(): Promise<void> {}
