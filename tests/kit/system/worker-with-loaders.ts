import { systemClock } from '@live-feed/core/clock';
import { parseKeyring } from '@live-feed/core/crypto/sealing';
import { startHealthCheck } from '@live-feed/database/connection/health-check';
import { createLeadLoaders, type LeadLoaders } from '@live-feed/dialers/lead-loaders';
import { connectRedis, whenReady } from '@live-feed/queue/redis/redis';
import { createLogger } from '@live-feed/runtime/logging/logger';
import { createMetrics } from '@live-feed/runtime/monitoring/metrics';
import { startWorker, type WorkerDependencies } from '@live-feed/worker/worker';
import type { System } from './system.ts';

const LIMITS = { connectMs: 500, uploadMs: 1_000 };

/**
 * A worker that serves the system's queues and talks to dialing systems through loaders that the test has changed.
 *
 * @returns stops it, and rejects if it could not let go of a lead
 */
export async function startWorkerWithLoaders(
  system: System,
  change: (loaders: LeadLoaders) => LeadLoaders,
  more: Partial<WorkerDependencies> = {},
): Promise<() => Promise<void>> {
  const redisUrl = system.environment['REDIS_URL'] ?? '';
  const ignore = () => undefined;
  const jobsRedis = connectRedis(redisUrl, 'jobs', ignore);
  const eventsRedis = connectRedis(redisUrl, 'requests', ignore);
  const leasesRedis = connectRedis(redisUrl, 'stream', ignore);
  await whenReady(eventsRedis, 10_000);
  const loaders = createLeadLoaders({ limits: LIMITS });
  const databaseHealth = await startHealthCheck({
    url: system.environment['DATABASE_URL'] ?? '',
    applicationName: 'test',
    intervalMs: 1_000,
    limitMs: 10_000,
  });
  const worker = startWorker({
    database: system.database,
    databaseHealth,
    jobsRedis,
    eventsRedis,
    leasesRedis,
    loaders: change(loaders),
    keyring: parseKeyring(system.environment['SEAL_KEYS'] ?? ''),
    logger: createLogger({ name: 'worker', level: 'silent' }),
    metrics: createMetrics(),
    settings: { sendWindowMs: 1_000, uploadMs: LIMITS.uploadMs, refusedSettleMs: 100, settleMs: 300 },
    startsAtOnce: 2,
    random: Math.random,
    clock: systemClock,
    lockMs: 1_000,
    retentionDays: 90,
    ...more,
  });
  return async () => {
    await worker.close();
    await databaseHealth.stop();
    await loaders.close();
    jobsRedis.disconnect();
    eventsRedis.disconnect();
    leasesRedis.disconnect();
  };
}
