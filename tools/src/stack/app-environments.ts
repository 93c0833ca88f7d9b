import type { Services } from '../services/services.ts';
import { ANY_PORTS, type StackPorts } from './kept-ports.ts';
import type { StackSecrets } from './kept-secrets.ts';

export type AppName = 'dialer-simulator' | 'worker' | 'console' | 'ingress';

export const consoleUser = 'ops';

/** Where dialers with a JWT credential sign in: at the simulator, unless the caller's environment says otherwise. */
export function signInAt(simulatorUrl: string, env: NodeJS.ProcessEnv): Readonly<Record<string, string>> {
  return {
    WORKER_RINGCENTRAL_URL: env['WORKER_RINGCENTRAL_URL'] ?? simulatorUrl,
    WORKER_RINGCX_URL: env['WORKER_RINGCX_URL'] ?? simulatorUrl,
  };
}

/**
 * The environment of each app: the caller's, so that limits and log levels can be tried out, overridden by the stack's own variables.
 * Every app listens on 127.0.0.1, on a free port unless one is given, and reports it.
 */
export function appEnvironments(options: {
  readonly env: NodeJS.ProcessEnv;
  readonly services: Pick<Services, 'databaseUrl' | 'redisUrl'>;
  readonly secrets: StackSecrets;
  readonly ports?: StackPorts;
}): Record<AppName, NodeJS.ProcessEnv> {
  const { env, services, secrets, ports = ANY_PORTS } = options;
  const stored = { ...env, DATABASE_URL: services.databaseUrl, REDIS_URL: services.redisUrl };
  return {
    'dialer-simulator': { ...env, HOST: '127.0.0.1', PORT: String(ports.simulator) },
    worker: { ...stored, SEAL_KEYS: secrets.sealKeys, WORKER_METRICS_PORT: '0' },
    console: {
      ...stored,
      CONSOLE_HOST: '127.0.0.1',
      CONSOLE_PORT: String(ports.console),
      CONSOLE_METRICS_PORT: '0',
      SEAL_KEYS: secrets.sealKeys,
      PHONE_DIGEST_SECRET: secrets.phoneDigestSecret,
      CONSOLE_USER: consoleUser,
      CONSOLE_PASSWORD: secrets.consolePassword,
    },
    ingress: {
      // There is no load balancer that must notice first.
      INGRESS_DRAIN_MS: '0',
      STOP_GRACE_MS: '20000',
      ...stored,
      INGRESS_HOST: '127.0.0.1',
      INGRESS_PORT: String(ports.ingress),
      INGRESS_METRICS_PORT: '0',
      SEAL_KEYS: secrets.sealKeys,
      PHONE_DIGEST_SECRET: secrets.phoneDigestSecret,
    },
  };
}
