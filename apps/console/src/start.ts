import { useOverlays } from '@live-feed/core/caller-id/overlays';
import { createDatabase } from '@live-feed/database/connection/client';
import { startHealthCheck } from '@live-feed/database/connection/health-check';
import { openResources } from '@live-feed/operations/open-resources';
import {
  closeRedis,
  connectRedis,
  isReady,
  redisHealth,
  redisTrouble,
  whenReady,
} from '@live-feed/queue/redis/redis';
import { redisServerOf } from '@live-feed/queue/redis/settings/redis-variables';
import { listenOn } from '@live-feed/runtime/configuration/listen-address';
import type { ProcessContext } from '@live-feed/runtime/main';
import { createMetrics } from '@live-feed/runtime/monitoring/metrics';
import { startOperationsServer } from '@live-feed/runtime/monitoring/operations-server';
import { observePool, observeStores } from '@live-feed/runtime/monitoring/store-metrics';
import { logStoreTrouble } from '@live-feed/runtime/monitoring/store-trouble';
import type { z } from 'zod';
import { buildConsole } from './console.ts';
import { createConsoleMetrics } from './console-metrics.ts';
import { type consoleEnvironment, firstPersonOf } from './environment.ts';
import { oidcOptionsOf } from './sign-in/oidc/oidc-environment.ts';

/** Starts the console process. Everything opened is registered with the lifecycle, which closes it. */
export async function startConsoleProcess({
  env,
  logger,
  lifecycle,
}: ProcessContext<z.infer<typeof consoleEnvironment>>): Promise<Record<string, unknown>> {
  const metrics = createMetrics();
  const database = createDatabase({
    url: env.DATABASE_URL,
    poolSize: 4,
    statementTimeoutMs: 10_000,
    connectTimeoutMs: 2_000,
    applicationName: 'live-feed-console',
    onConnectionLost: (err) => logger.warn({ err }, 'a connection to PostgreSQL was lost'),
    onPool: ({ use }) => observePool(metrics, use),
  });
  lifecycle.onStop('PostgreSQL', () => database.$disconnect());
  const databaseHealth = await startHealthCheck({
    url: env.DATABASE_URL,
    applicationName: 'live-feed-console-health',
    intervalMs: 2_000,
    limitMs: 2_000,
    onTrouble: (why, err) => logger.warn({ err }, why),
    onRecovery: () => logger.info('the database takes writes'),
  });
  lifecycle.onStop('database health check', () => databaseHealth.stop());

  const server = redisServerOf(env);
  const redis = connectRedis(server, 'requests', (err) =>
    logger.debug({ err }, 'a connection to Redis failed'),
  );
  lifecycle.onStop('Redis', () => closeRedis(redis));
  // Otherwise the first read of the queues would log a warning at every start.
  await whenReady(redis, 2_000);
  const trouble = logStoreTrouble(logger, redisHealth(redis));
  lifecycle.onStop('redis trouble', () => trouble.stop());

  const reaches = { postgresql: databaseHealth.alive, redis: () => isReady(redis) };
  observeStores(metrics, reaches);
  const operations = await listenOn(
    {
      host: env.CONSOLE_METRICS_HOST,
      port: env.CONSOLE_METRICS_PORT,
      variables: { host: 'CONSOLE_METRICS_HOST', port: 'CONSOLE_METRICS_PORT' },
    },
    (address) =>
      startOperationsServer({
        ...address,
        metrics,
        missing: () => {
          const database = databaseHealth.why();
          const queue = redisTrouble(redis);
          return {
            ...(database === undefined ? {} : { database }),
            ...(queue === undefined ? {} : { queue }),
            ...(lifecycle.stopping ? { stopping: 'this process is stopping' } : {}),
          };
        },
      }),
  );
  lifecycle.onStop('metrics', () => operations.close());

  useOverlays(env.AREA_CODES_FILE);
  const resources = openResources(env, { database, redis });
  lifecycle.onStop('what operations opened', () => resources.close());
  const app = await buildConsole({
    resources,
    redis,
    logger,
    metrics: createConsoleMetrics(metrics),
    firstPerson: firstPersonOf(env),
    oidc: oidcOptionsOf(env),
    keepAliveMs: env.CONSOLE_KEEP_ALIVE_MS,
    ...(env.CONSOLE_PUBLIC_URL && { publicUrl: env.CONSOLE_PUBLIC_URL }),
    ...(env.CONSOLE_TRUSTED_PROXIES && { trustedProxies: env.CONSOLE_TRUSTED_PROXIES }),
  });
  lifecycle.onStop('HTTP', () => app.close());
  const url = await listenOn(
    {
      host: env.CONSOLE_HOST,
      port: env.CONSOLE_PORT,
      variables: { host: 'CONSOLE_HOST', port: 'CONSOLE_PORT' },
    },
    (address) => app.listen(address),
  );
  return { url, metricsUrl: operations.url };
}
