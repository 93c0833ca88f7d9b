import type { Services } from '../services/services.ts';
import type { StackSecrets } from './kept-secrets.ts';

export type AppName = 'dialer-simulator' | 'worker' | 'dashboard' | 'ingress';

export const dashboardUser = 'ops';

/**
 * What each app is given: the caller's own environment, so that limits and log levels can be tried out, and over it what the
 * stack decides. Every app listens on a free port of 127.0.0.1 and says which.
 */
export function appEnvironments(options: {
  readonly env: NodeJS.ProcessEnv;
  readonly services: Pick<Services, 'databaseUrl' | 'redisUrl'>;
  readonly secrets: StackSecrets;
}): Record<AppName, NodeJS.ProcessEnv> {
  const { env, services, secrets } = options;
  const stored = { ...env, DATABASE_URL: services.databaseUrl, REDIS_URL: services.redisUrl };
  return {
    'dialer-simulator': { ...env, HOST: '127.0.0.1', PORT: '0' },
    worker: { ...stored, SEAL_KEYS: secrets.sealKeys, WORKER_METRICS_PORT: '0' },
    dashboard: {
      ...stored,
      DASHBOARD_HOST: '127.0.0.1',
      DASHBOARD_PORT: '0',
      DASHBOARD_METRICS_PORT: '0',
      DASHBOARD_USER: dashboardUser,
      DASHBOARD_PASSWORD: secrets.dashboardPassword,
    },
    ingress: {
      // No load balancer has to notice.
      INGRESS_DRAIN_MS: '0',
      STOP_GRACE_MS: '20000',
      ...stored,
      INGRESS_HOST: '127.0.0.1',
      INGRESS_PORT: '0',
      INGRESS_METRICS_PORT: '0',
      SEAL_KEYS: secrets.sealKeys,
      PHONE_DIGEST_SECRET: secrets.phoneDigestSecret,
    },
  };
}
