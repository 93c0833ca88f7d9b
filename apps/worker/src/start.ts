import { useOverlays } from '@live-feed/core/caller-id/overlays';
import { oldTableWarning } from '@live-feed/core/caller-id/places';
import { systemClock } from '@live-feed/core/clock';
import { createDatabase, type PoolHandle } from '@live-feed/database/connection/client';
import { startHealthCheck } from '@live-feed/database/connection/health-check';
import { createLeadLoaders, type LeadLoaders } from '@live-feed/dialers/lead-loaders';
import { createOutboundClient } from '@live-feed/outbound/http/outbound-client';
import { createMailer } from '@live-feed/outbound/mail/mailer';
import { closeRedis, connectRedis, redisHealth, whenReady } from '@live-feed/queue/redis/redis';
import { redisServerOf } from '@live-feed/queue/redis/settings/redis-variables';
import { createTokenStore } from '@live-feed/queue/sign-in/token-store';
import { listenOn } from '@live-feed/runtime/configuration/listen-address';
import type { ProcessContext } from '@live-feed/runtime/main';
import { createMetrics } from '@live-feed/runtime/monitoring/metrics';
import { startOperationsServer } from '@live-feed/runtime/monitoring/operations-server';
import { observePool } from '@live-feed/runtime/monitoring/store-metrics';
import { logStoreTrouble } from '@live-feed/runtime/monitoring/store-trouble';
import type { WorkerEnvironment } from './environment.ts';
import { observeSignIns } from './metrics/sign-ins.ts';
import { startWorker, type Worker, type WorkerDependencies } from './worker.ts';

/** For tests. */
export interface WorkerHooks {
  /** Called at each point of a delivery. */
  readonly observe?: WorkerDependencies['observe'];
  /** What the worker uses in place of its loaders. */
  readonly changeLoaders?: (loaders: LeadLoaders) => LeadLoaders;
}

/** Beside WORKER_DATABASE_CONNECTIONS: webhooks take none of the leads'. */
const WEBHOOK_CONNECTIONS = 3;

/** Everything that the process is made of; what is opened is registered with the lifecycle, which closes it. */
export async function startWorkerProcess(
  { env, logger, lifecycle }: ProcessContext<WorkerEnvironment>,
  { observe, changeLoaders = (loaders) => loaders }: WorkerHooks = {},
): Promise<Record<string, unknown>> {
  useOverlays(env.AREA_CODES_FILE);
  const oldTable = oldTableWarning(systemClock.now());
  if (oldTable !== undefined) logger.warn({}, oldTable);
  const metrics = createMetrics();
  // `logStoreTrouble` says what it means, once and not at every attempt.
  const onRedisError = (err: Error) => logger.debug({ err }, 'a connection to redis failed');
  let pool: PoolHandle | undefined;
  const database = createDatabase({
    url: env.DATABASE_URL,
    poolSize: env.WORKER_DATABASE_CONNECTIONS,
    statementTimeoutMs: 5_000,
    // Statements are shared by many companies' uploads: one company's locked row must not hold up the others.
    lockTimeoutMs: 250,
    connectTimeoutMs: 2_000,
    applicationName: 'live-feed-worker',
    onConnectionLost: (err) => {
      logger.warn({ err }, 'a connection to the database was lost');
      databaseHealth.checkNow(err);
    },
    onServerFault: (error) => databaseHealth.checkNow(error),
    onPool: (opened) => {
      pool = opened;
      observePool(metrics, opened.use);
    },
  });
  lifecycle.onStop('database', () => database.$disconnect());
  const databaseHealth = await startHealthCheck({
    url: env.DATABASE_URL,
    applicationName: 'live-feed-worker-health',
    intervalMs: 1_000,
    limitMs: 2_000,
    onTrouble: (why, err) => logger.warn({ err }, why),
    onRecovery: () => logger.info('the database takes writes'),
    onReadOnly: () => pool?.renew(),
  });
  lifecycle.onStop('database health check', () => databaseHealth.stop());
  const webhookDatabase = createDatabase({
    url: env.DATABASE_URL,
    poolSize: WEBHOOK_CONNECTIONS,
    statementTimeoutMs: 5_000,
    connectTimeoutMs: 2_000,
    applicationName: 'live-feed-worker-webhooks',
    onConnectionLost: (err) => databaseHealth.checkNow(err),
  });
  lifecycle.onStop('database for webhooks', () => webhookDatabase.$disconnect());
  const outbound = createOutboundClient({ allowPrivate: env.WEBHOOK_ALLOW_PRIVATE });
  lifecycle.onStop('webhooks', async () => outbound.close());
  const server = redisServerOf(env);
  const jobsRedis = connectRedis(server, 'jobs', onRedisError);
  lifecycle.onStop('redis for jobs', () => closeRedis(jobsRedis));
  const eventsRedis = connectRedis(server, 'requests', onRedisError);
  lifecycle.onStop('redis for events', () => closeRedis(eventsRedis));
  const leasesRedis = connectRedis(server, 'stream', onRedisError);
  lifecycle.onStop('redis for leases', () => closeRedis(leasesRedis));
  const loaders = createLeadLoaders({
    limits: { connectMs: env.WORKER_CONNECT_TIMEOUT_MS, uploadMs: env.WORKER_UPLOAD_TIMEOUT_MS },
    authHeaders: { newbridge: env.WORKER_NEWBRIDGE_AUTH_HEADER },
    signIn: {
      platformUrl: env.WORKER_RINGCENTRAL_URL,
      ringcxUrl: env.WORKER_RINGCX_URL,
      store: createTokenStore(eventsRedis, env.SEAL_KEYS),
      observe: observeSignIns(metrics, logger),
    },
  });
  lifecycle.onStop('dialing systems', () => loaders.close());
  // Otherwise the first heartbeat would log a warning at every start.
  await Promise.all([jobsRedis, eventsRedis].map((redis) => whenReady(redis, 2_000)));
  const trouble = logStoreTrouble(logger, redisHealth(eventsRedis, jobsRedis));
  lifecycle.onStop('redis trouble', () => trouble.stop());
  let worker: Worker | undefined;
  const operations = await listenOn(
    {
      host: env.WORKER_METRICS_HOST,
      port: env.WORKER_METRICS_PORT,
      variables: { host: 'WORKER_METRICS_HOST', port: 'WORKER_METRICS_PORT' },
    },
    (address) =>
      startOperationsServer({
        ...address,
        metrics,
        missing: () => worker?.missing() ?? { worker: 'it is starting' },
      }),
  );
  lifecycle.onStop('metrics', () => operations.close());
  worker = startWorker({
    database,
    databaseHealth,
    jobsRedis,
    eventsRedis,
    leasesRedis,
    loaders: changeLoaders(loaders),
    webhooks: { database: webhookDatabase, client: outbound },
    alerts: alertsOf(env),
    keyring: env.SEAL_KEYS,
    logger,
    metrics,
    settings: {
      sendWindowMs: env.WORKER_SEND_WINDOW_MS,
      uploadMs: env.WORKER_UPLOAD_TIMEOUT_MS,
      settleMs: env.WORKER_SETTLE_MS,
      refusedSettleMs: env.WORKER_REFUSED_SETTLE_MS,
    },
    random: Math.random,
    clock: systemClock,
    lockMs: env.WORKER_LOCK_MS,
    retentionDays: { leads: env.WORKER_RETENTION_DAYS, audit: env.WORKER_AUDIT_RETENTION_DAYS },
    ...(observe === undefined ? {} : { observe }),
  });
  lifecycle.onStop('worker', () => worker.close(), env.STOP_GRACE_MS - 2_000);
  return { metricsUrl: operations.url };
}

function alertsOf({
  WORKER_SMTP_URL: url,
  WORKER_SMTP_FROM: from,
  CONSOLE_PUBLIC_URL: consoleUrl,
}: WorkerEnvironment): WorkerDependencies['alerts'] {
  return {
    mailer: url === undefined || from === undefined ? undefined : createMailer({ url, from }),
    pageUrl: consoleUrl === undefined ? undefined : `${consoleUrl.replace(/\/+$/, '')}/alerts`,
  };
}
