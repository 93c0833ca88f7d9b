import { createDatabase, type PoolHandle } from '@live-feed/database/connection/client';
import { startHealthCheck } from '@live-feed/database/connection/health-check';
import { promise } from '@live-feed/database/leads/promise';
import { closeRedis, connectRedis, redisHealth, whenReady } from '@live-feed/queue/redis/redis';
import { redisServerOf } from '@live-feed/queue/redis/settings/redis-variables';
import type { ProcessContext } from '@live-feed/runtime/main';
import type { Metrics } from '@live-feed/runtime/monitoring/metrics';
import { observePool } from '@live-feed/runtime/monitoring/store-metrics';
import { logStoreTrouble } from '@live-feed/runtime/monitoring/store-trouble';
import type { IngressEnvironment } from './environment.ts';
import { createPromiseWriter } from './outcome/promise-writer.ts';

/**
 * Promises have connections of their own: at deadlines, and when the process stops, leads have to be promised whatever else is being asked.
 * Two statements carry thousands of leads a second.
 */
const PROMISE_CONNECTIONS = 2;

/** Opens the connections to PostgreSQL, and registers each with the lifecycle, which closes it. */
export async function openDatabases(
  { env, logger, lifecycle }: ProcessContext<IngressEnvironment>,
  metrics: Metrics,
) {
  const pools: PoolHandle[] = [];
  const connections = {
    url: env.DATABASE_URL,
    // A caller gets its 503 within 2 s.
    statementTimeoutMs: 1_000,
    connectTimeoutMs: 1_000,
    onConnectionLost: (error: Error) => databaseHealth.checkNow(error),
    onServerFault: (error: unknown) => databaseHealth.checkNow(error),
  };
  const database = createDatabase({
    ...connections,
    poolSize: env.INGRESS_DATABASE_CONNECTIONS,
    applicationName: 'live-feed-ingress',
    onPool: (pool) => {
      pools.push(pool);
      observePool(metrics, pool.use);
    },
  });
  lifecycle.onStop('database', () => database.$disconnect());
  const promiseDatabase = createDatabase({
    ...connections,
    poolSize: PROMISE_CONNECTIONS,
    applicationName: 'live-feed-ingress-promises',
    onPool: (pool) => pools.push(pool),
  });
  lifecycle.onStop('database for promises', () => promiseDatabase.$disconnect());
  const promises = createPromiseWriter({
    write: (batch) => promise(promiseDatabase, batch),
    onError: (err, leads) => logger.warn({ err, leads }, 'promises could not be written'),
    statements: PROMISE_CONNECTIONS,
  });
  lifecycle.onStop('promises', () => promises.close());
  const reading = createDatabase({
    ...connections,
    poolSize: env.INGRESS_STATUS_CONNECTIONS,
    applicationName: 'live-feed-ingress-status',
    onPool: (pool) => pools.push(pool),
  });
  lifecycle.onStop('database for status', () => reading.$disconnect());
  const databaseHealth = await startHealthCheck({
    url: env.DATABASE_URL,
    applicationName: 'live-feed-ingress-health',
    intervalMs: 500,
    limitMs: 1_500,
    onTrouble: (why, err) => logger.warn({ err }, why),
    onRecovery: () => logger.info('the database takes writes'),
    onReadOnly: () => {
      for (const pool of pools) pool.renew();
    },
  });
  lifecycle.onStop('database health check', () => databaseHealth.stop());
  return { database, reading, promises, databaseHealth };
}

/** Opens the connections to Redis, and registers each with the lifecycle, which closes it. */
export async function openRedis({ env, logger, lifecycle }: ProcessContext<IngressEnvironment>) {
  // `logStoreTrouble` reports failed connections in words, and not at every attempt.
  const onError = (err: unknown) => logger.debug({ err }, 'a connection to redis failed');
  const server = redisServerOf(env);
  const redis = connectRedis(server, 'requests', onError);
  lifecycle.onStop('redis for requests', () => closeRedis(redis));
  const streamRedis = connectRedis(server, 'stream', onError);
  lifecycle.onStop('redis for completions', () => closeRedis(streamRedis));
  const notesRedis = connectRedis(server, 'stream', onError);
  lifecycle.onStop('redis for admission', () => closeRedis(notesRedis));
  await whenReady(redis, 2_000);
  const trouble = logStoreTrouble(logger, redisHealth(redis));
  lifecycle.onStop('redis trouble', () => trouble.stop());
  return { redis, streamRedis, notesRedis };
}
