import { createDatabase } from '@live-feed/database/client';
import { closeRedis, connectRedis } from '@live-feed/queue/redis';
import { runMain } from '@live-feed/runtime/main';
import { buildDashboard } from './dashboard.ts';
import { dashboardEnvironment } from './environment.ts';

await runMain('dashboard', dashboardEnvironment, async ({ env, logger, lifecycle }) => {
  const database = createDatabase({
    url: env.DATABASE_URL,
    poolSize: 2,
    statementTimeoutMs: 2_000,
    connectTimeoutMs: 2_000,
    applicationName: 'live-feed-dashboard',
    onConnectionLost: (err) => logger.warn({ err }, 'a connection to PostgreSQL was lost'),
  });
  lifecycle.onStop('PostgreSQL', () => database.$disconnect());

  const redis = connectRedis(env.REDIS_URL, 'requests', (err) =>
    logger.warn({ err }, 'Redis cannot be reached'),
  );
  lifecycle.onStop('Redis', () => closeRedis(redis));

  const app = await buildDashboard({
    database,
    redis,
    logger,
    credentials: { user: env.DASHBOARD_USER, password: env.DASHBOARD_PASSWORD },
  });
  lifecycle.onStop('HTTP', () => app.close());
  return { url: await app.listen({ host: env.DASHBOARD_HOST, port: env.DASHBOARD_PORT }) };
});
