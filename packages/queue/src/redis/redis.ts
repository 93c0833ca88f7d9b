import { Redis as IoRedis, type RedisOptions } from 'ioredis';
import pTimeout from 'p-timeout';
import { type RedisPulse, type RedisPulseOptions, startRedisPulse } from './redis-pulse.ts';
import { isCommandRefusal, isReplicasRefusal, isWrongDatabase } from './redis-trouble.ts';

/** A connection that shows all the time whether its Redis does its work. */
export type Redis = IoRedis & { readonly pulse: RedisPulse };

/**
 * What a connection is for decides how it fails.
 *
 * - `requests`: somebody waits. Fails at once while Redis is away, and within 2 s when it does not answer.
 * - `jobs`: work under way. Waits for Redis to come back. BullMQ copies its options for the connections that it blocks on.
 * - `stream`: blocks on reads.
 */
export type RedisRole = 'requests' | 'jobs' | 'stream';

/** The longest that a read may block, so that silence can be told from patience. */
export const LONGEST_BLOCK_MS = 2_000;

/**
 * `socketTimeout` replaces a connection that owes an answer and has said nothing for so long; without it a connection whose packets are
 * lost would stay. One that owes nothing is left alone, and the pulse sees to it that each is asked something.
 */
const OPTIONS: Record<RedisRole, Omit<RedisOptions, 'replyMapping'> & { pulse: RedisPulseOptions }> = {
  requests: {
    enableOfflineQueue: false,
    maxRetriesPerRequest: 1,
    commandTimeout: 2_000,
    socketTimeout: 2_000,
    pulse: { everyMs: 500, limitMs: 2_000, inspects: true },
  },
  jobs: {
    maxRetriesPerRequest: null,
    socketTimeout: LONGEST_BLOCK_MS + 2_000,
    pulse: { everyMs: 500, limitMs: 2_000, inspects: false },
  },
  stream: {
    maxRetriesPerRequest: null,
    socketTimeout: LONGEST_BLOCK_MS + 1_000,
    // It waits behind the read that is under way.
    pulse: { everyMs: 2_000, limitMs: LONGEST_BLOCK_MS + 2_000, inspects: false },
  },
};

/** Before a server that turned out to be a replica, or to lack the database, is tried again. */
const TRY_AGAIN_MS = 1_000;

/** @param onError every failed attempt to connect comes here; the connection goes on trying by itself */
export function connectRedis(url: string, role: RedisRole, onError: (error: Error) => void): Redis {
  const { pulse: pulseOptions, ...options } = OPTIONS[role];
  let metReplica = false;
  const redis = new IoRedis(url, {
    ...options,
    connectTimeout: 2_000,
    // How long a goodbye may take that nobody may be there to hear.
    disconnectTimeout: 500,
    keepAlive: 5_000,
    retryStrategy(times) {
      const delayMs = metReplica ? TRY_AGAIN_MS : Math.min(times * 50, 1_000);
      metReplica = false;
      return delayMs;
    },
    // Told of every command that Redis refuses, on BullMQ's connections as well.
    reconnectOnError(error) {
      if (isCommandRefusal(error)) pulse.noteRefusal(error);
      metReplica = isReplicasRefusal(error);
      return metReplica;
    },
  });
  const pulse = startRedisPulse(redis, pulseOptions);
  redis.on('error', (error) => {
    pulse.note(error);
    if (isWrongDatabase(error)) leaveWrongDatabase(redis, pulse);
    onError(error);
  });
  return Object.assign(redis, { pulse });
}

/** Otherwise ioredis would go on, in database 0. */
function leaveWrongDatabase(redis: IoRedis, pulse: RedisPulse): void {
  redis.disconnect();
  setTimeout(() => {
    if (!pulse.stopped && redis.status === 'end') redis.connect().catch(() => {});
  }, TRY_AGAIN_MS).unref();
}

/** What keeps the Redis behind these connections from its work, a sentence for people; undefined while nothing does. */
export function redisTrouble(...connections: readonly Redis[]): string | undefined {
  for (const { status, pulse } of connections) {
    const why = pulse.why() ?? (status === 'ready' ? undefined : 'The connection to Redis was lost.');
    if (why !== undefined) return why;
  }
  return undefined;
}

/** Ready to take a command this moment, and Redis was able to write one lately. */
export function isReady(redis: Redis): boolean {
  return redisTrouble(redis) === undefined;
}

/** What is to be told of a process's Redis. @param first its server's settings are looked at */
export function redisHealth(first: Redis, ...others: readonly Redis[]) {
  return [
    { name: 'Redis', why: () => redisTrouble(first, ...others) },
    { name: 'Redis settings', why: first.pulse.risk },
  ];
}

/** Resolves once Redis works, or after the limit. Says which. */
export function whenReady(redis: Redis, limitMs: number): Promise<boolean> {
  return redis.pulse.untilWell(limitMs);
}

/** Says goodbye if Redis listens, hangs up if it does not. */
export async function closeRedis(redis: Redis, limitMs = 1_000): Promise<void> {
  redis.pulse.stop();
  if (isReady(redis)) {
    await pTimeout(redis.quit(), { milliseconds: limitMs }).catch(() => undefined);
  }
  redis.disconnect();
}

/**
 * The answer to a blocking read, or a rejection once the signal is aborted: `disconnect` alone does not end every read. ioredis sets one
 * aside that was under way when the connection broke, and forgets it if `disconnect` comes before the next connection is ready.
 */
export async function readUnlessAborted<Answer>(read: Promise<Answer>, signal: AbortSignal): Promise<Answer> {
  let giveUp = () => {};
  const aborted = new Promise<never>((_, reject) => {
    giveUp = () => reject(signal.reason);
    if (signal.aborted) giveUp();
    else signal.addEventListener('abort', giveUp);
  });
  try {
    return await Promise.race([read, aborted]);
  } finally {
    signal.removeEventListener('abort', giveUp);
  }
}
