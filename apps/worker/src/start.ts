import { systemClock } from '@live-feed/core/clock';
import { parseKeyring } from '@live-feed/core/sealing';
import { createDatabase } from '@live-feed/database/client';
import { createLeadLoaders } from '@live-feed/dialers/lead-loaders';
import { closeRedis, connectRedis } from '@live-feed/queue/redis';
import type { ProcessContext } from '@live-feed/runtime/main';
import type { WorkerEnvironment } from './environment.ts';
import { startWorker, type WorkerDependencies } from './worker.ts';

/** Everything that the process is made of; what is opened is registered with the lifecycle, which closes it. */
export async function startWorkerProcess(
  { env, logger, lifecycle }: ProcessContext<WorkerEnvironment>,
  observe?: WorkerDependencies['observe'],
): Promise<Record<string, unknown>> {
  const keyring = parseKeyring(env.SEAL_KEYS);
  const onRedisError = (err: Error) => logger.warn({ err }, 'redis cannot be reached');
  const database = createDatabase({
    url: env.DATABASE_URL,
    poolSize: env.WORKER_DATABASE_CONNECTIONS,
    statementTimeoutMs: 5_000,
    connectTimeoutMs: 2_000,
    applicationName: 'live-feed-worker',
    onConnectionLost: (err) => logger.warn({ err }, 'a connection to the database was lost'),
  });
  lifecycle.onStop('database', () => database.$disconnect());
  const jobsRedis = connectRedis(env.REDIS_URL, 'jobs', onRedisError);
  lifecycle.onStop('redis for jobs', () => closeRedis(jobsRedis));
  const eventsRedis = connectRedis(env.REDIS_URL, 'requests', onRedisError);
  lifecycle.onStop('redis for events', () => closeRedis(eventsRedis));
  const callsRedis = connectRedis(env.REDIS_URL, 'stream', onRedisError);
  lifecycle.onStop('redis for lanes', () => closeRedis(callsRedis));
  const loaders = createLeadLoaders({
    limits: { connectMs: env.WORKER_CONNECT_TIMEOUT_MS, uploadMs: env.WORKER_UPLOAD_TIMEOUT_MS },
    newBridgeAuthHeader: env.WORKER_NEWBRIDGE_AUTH_HEADER,
  });
  lifecycle.onStop('dialing systems', () => loaders.close());
  const worker = startWorker({
    database,
    jobsRedis,
    eventsRedis,
    callsRedis,
    loaders,
    keyring,
    logger,
    settings: {
      sendWindowMs: env.WORKER_SEND_WINDOW_MS,
      uploadMs: env.WORKER_UPLOAD_TIMEOUT_MS,
      settleMs: env.WORKER_SETTLE_MS,
      refusedSettleMs: env.WORKER_REFUSED_SETTLE_MS,
    },
    random: Math.random,
    clock: systemClock,
    lockMs: env.WORKER_LOCK_MS,
    retentionDays: env.WORKER_RETENTION_DAYS,
    ...(observe === undefined ? {} : { observe }),
  });
  lifecycle.onStop('worker', () => worker.close(), env.STOP_GRACE_MS - 2_000);
  return {};
}
