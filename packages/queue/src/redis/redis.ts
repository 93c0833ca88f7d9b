import pTimeout from 'p-timeout';
import { type CommandOptions, openClient, type RedisClient } from './redis-client.ts';
import {
  type HealthCheckOptions,
  type RedisHealthCheck,
  startRedisHealthCheck,
} from './redis-health-check.ts';
import {
  isCommandRefusal,
  isOfAllHosts,
  isReplicasRefusal,
  isWithoutReason,
  isWrongDatabase,
} from './redis-trouble.ts';
import { type RedisServer, singleServer } from './settings/redis-server.ts';

/** A connection with a health check; with a cluster or sentinels, as many connections as they need. */
export type Redis = RedisClient & { readonly health: RedisHealthCheck };

/**
 * What a connection is used for; this decides how commands fail.
 *
 * - `requests`: a caller waits. Commands fail at once while Redis is unavailable, and after 2 s without an answer.
 * - `jobs`: work in progress. Commands wait until Redis is available again.
 * - `stream`: blocking reads.
 */
export type RedisRole = 'requests' | 'jobs' | 'stream';

/** The longest time a read may block. A longer silence means that the connection is broken. */
export const LONGEST_BLOCK_MS = 2_000;

/**
 * `socketTimeout` replaces a connection that has not answered a command for so long; without it, a connection whose packets are lost
 * would stay. It does not apply to an idle connection, but the health check sends commands on each.
 */
const OPTIONS: Record<RedisRole, { commands: CommandOptions; health: HealthCheckOptions }> = {
  requests: {
    commands: {
      enableOfflineQueue: false,
      maxRetriesPerRequest: 1,
      commandTimeout: 2_000,
      socketTimeout: 2_000,
    },
    health: { everyMs: 500, limitMs: 2_000, inspects: true },
  },
  jobs: {
    commands: {
      enableOfflineQueue: true,
      maxRetriesPerRequest: null,
      socketTimeout: LONGEST_BLOCK_MS + 2_000,
    },
    health: { everyMs: 500, limitMs: 2_000, inspects: false },
  },
  stream: {
    commands: {
      enableOfflineQueue: true,
      maxRetriesPerRequest: null,
      socketTimeout: LONGEST_BLOCK_MS + 1_000,
    },
    // The check waits for the read under way on the same connection.
    health: { everyMs: 2_000, limitMs: LONGEST_BLOCK_MS + 2_000, inspects: false },
  },
};

/** Wait before connecting again to a server that is a replica or lacks the database, and after a connection has ended. */
const TRY_AGAIN_MS = 1_000;

/**
 * The one place where connections to Redis are made.
 *
 * @param server a text is the URL of a single server
 * @param onError called after every failed attempt to connect; the connection keeps trying
 */
export function connectRedis(
  server: RedisServer | string,
  role: RedisRole,
  onError: (error: Error) => void,
): Redis {
  const where = typeof server === 'string' ? singleServer(server) : server;
  const { commands, health: healthOptions } = OPTIONS[role];
  let metReplica = false;
  const redis = openClient(where, commands, {
    retryDelayMs(attempts) {
      const delayMs = metReplica ? TRY_AGAIN_MS : Math.min(attempts * 50, 1_000);
      metReplica = false;
      return delayMs;
    },
    reconnectOnError(error) {
      if (isCommandRefusal(error)) health.noteRefusal(error);
      metReplica = isReplicasRefusal(error);
      return metReplica;
    },
  });
  const health = startRedisHealthCheck(redis, where.mode, healthOptions);
  /** What one of several hosts said tells more than that none was of use. */
  let ofOneHost: Error | undefined;
  for (const event of ['sentinelError', 'node error']) {
    redis.on(event, (error: Error) => {
      if (!isWithoutReason(error)) ofOneHost = error;
    });
  }
  redis.on('ready', () => {
    ofOneHost = undefined;
  });
  redis.on('error', (error) => {
    health.note(isOfAllHosts(error) ? (ofOneHost ?? error) : error);
    // ioredis would otherwise continue with database 0.
    if (isWrongDatabase(error)) redis.disconnect();
    onError(error);
  });
  // ioredis gives up after some errors; this connection is needed for as long as the process lives.
  redis.on('end', () => {
    setTimeout(() => {
      if (!health.stopped && redis.status === 'end') redis.connect().catch(() => {});
    }, TRY_AGAIN_MS).unref();
  });
  return Object.assign(redis, { health });
}

/** Why the Redis of these connections cannot be used, a sentence for people; undefined if it can. */
export function redisTrouble(...connections: readonly Redis[]): string | undefined {
  for (const { status, health } of connections) {
    const why = health.why() ?? (status === 'ready' ? undefined : 'The connection to Redis was lost.');
    if (why !== undefined) return why;
  }
  return undefined;
}

/** The connection can send a command now, and Redis answered its last write. */
export function isReady(redis: Redis): boolean {
  return redisTrouble(redis) === undefined;
}

/** What a process reports about its Redis. @param first the connection whose health check inspects the server's settings */
export function redisHealth(first: Redis, ...others: readonly Redis[]) {
  return [
    { name: 'Redis', why: () => redisTrouble(first, ...others) },
    { name: 'Redis settings', why: first.health.risk },
  ];
}

/** Resolves once Redis can be used, or after the limit. @returns whether it can be used */
export function whenReady(redis: Redis, limitMs: number): Promise<boolean> {
  return redis.health.untilWell(limitMs);
}

/** Ends a connection at once and for good, and with it a read that blocks. Its owner still closes it. */
export function abandonRedis(redis: Redis): void {
  redis.health.stop();
  redis.disconnect();
}

/** Closes a connection with QUIT if Redis can be used, otherwise without. */
export async function closeRedis(redis: Redis, limitMs = 1_000): Promise<void> {
  redis.health.stop();
  if (isReady(redis)) {
    await pTimeout(redis.quit(), { milliseconds: limitMs }).catch(() => undefined);
  }
  redis.disconnect();
}

/**
 * The answer to a blocking read, or a rejection once the signal is aborted. `disconnect` alone does not end every read: ioredis sets a read
 * aside if the connection breaks, and never settles it if `disconnect` comes before the next connection is ready.
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
