import { Redis, type RedisOptions } from 'ioredis';

export type { Redis } from 'ioredis';

/**
 * What a connection is for decides how it fails.
 *
 * - `requests`: somebody waits. Fails at once while Redis is away, and within 2 s when it does not answer.
 * - `jobs`: work under way. Waits for Redis to come back.
 * - `stream`: blocks on reads. A half-open socket would hang it for ever, so silence ends it.
 */
export type RedisRole = 'requests' | 'jobs' | 'stream';

/** Longer than a stream's blocking read, see `completion-reader.ts`. */
const STREAM_SILENCE_MS = 3_000;

const OPTIONS: Record<RedisRole, Omit<RedisOptions, 'replyMapping'>> = {
  requests: { enableOfflineQueue: false, maxRetriesPerRequest: 1, commandTimeout: 2_000 },
  jobs: { maxRetriesPerRequest: null },
  stream: { maxRetriesPerRequest: null, socketTimeout: STREAM_SILENCE_MS },
};

/** @param onError every failed attempt to connect comes here; the connection goes on trying by itself */
export function connectRedis(url: string, role: RedisRole, onError: (error: Error) => void): Redis {
  const redis = new Redis(url, {
    ...OPTIONS[role],
    connectTimeout: 2_000,
    keepAlive: 5_000,
    retryStrategy: (times) => Math.min(times * 50, 1_000),
  });
  redis.on('error', onError);
  return redis;
}

/** Ready to take a command this moment. */
export function isReady(redis: Redis): boolean {
  return redis.status === 'ready';
}

/** Resolves once the connection is ready, or after the limit. Says which. */
export async function whenReady(redis: Redis, limitMs: number): Promise<boolean> {
  if (isReady(redis)) return true;
  return new Promise((resolve) => {
    const done = (ready: boolean) => {
      clearTimeout(timer);
      redis.off('ready', onReady);
      resolve(ready);
    };
    const onReady = () => done(true);
    const timer = setTimeout(() => done(false), limitMs);
    redis.on('ready', onReady);
  });
}

/** Says goodbye if Redis listens, hangs up if it does not. */
export async function closeRedis(redis: Redis, limitMs = 1_000): Promise<void> {
  if (isReady(redis)) {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, limitMs);
    });
    await Promise.race([redis.quit().catch(() => undefined), late]);
    clearTimeout(timer);
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
