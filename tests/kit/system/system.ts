import { randomBytes } from 'node:crypto';
import { EventEmitter } from 'node:events';
import { parseKeyring } from '@live-feed/core/crypto/sealing';
import type { Database } from '@live-feed/database/connection/client';
import { type Seeded, seed } from '@live-feed/demo-seed/seed';
import { buildSimulator, type SimulatorOptions } from '@live-feed/dialer-simulator/simulator';
import { ingressEnvironment } from '@live-feed/ingress/environment';
import { startIngressProcess } from '@live-feed/ingress/start';
import { readEnvironment } from '@live-feed/runtime/configuration/environment';
import { createLifecycle, type Lifecycle } from '@live-feed/runtime/lifecycle';
import { createLogger } from '@live-feed/runtime/logging/logger';
import { workerEnvironment } from '@live-feed/worker/environment';
import { startWorkerProcess } from '@live-feed/worker/start';
import { connectDatabase } from '../services/database.ts';

export interface SystemOptions {
  readonly databaseUrl: string;
  readonly redisUrl: string;
  readonly ingresses?: number;
  readonly workers?: number;
  readonly simulator?: SimulatorOptions;
  /** Beyond the defaults, for ingresses and workers. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Every log line, of every part. */
  readonly onLog?: (line: string) => void;
}

export interface Part {
  /** Where /metrics, /healthz and /readyz are. */
  readonly metricsUrl: string;
  stop(): Promise<void>;
}

export interface IngressPart extends Part {
  readonly url: string;
}

/** The real parts in one process: real ingresses and workers, real services, the simulator over HTTP. */
export interface System {
  readonly ingresses: readonly IngressPart[];
  readonly workers: readonly Part[];
  readonly seeded: Seeded;
  readonly simulatorUrl: string;
  readonly database: Database;
  readonly environment: Readonly<Record<string, string>>;
  addWorker(): Promise<Part>;
  /** @param environment beyond that of the others */
  addIngress(environment?: Readonly<Record<string, string>>): Promise<IngressPart>;
  stop(): Promise<void>;
}

/** Time-outs short enough to be waited for; the relations between them are those of the defaults. */
const QUICK = {
  // Everything shares one event loop here, the load included.
  INGRESS_MAX_LOOP_DELAY_MS: '0',
  INGRESS_DEADLINE_MS: '10000',
  WORKER_CONNECT_TIMEOUT_MS: '500',
  WORKER_UPLOAD_TIMEOUT_MS: '1000',
  WORKER_SEND_WINDOW_MS: '1000',
  WORKER_SETTLE_MS: '300',
  WORKER_REFUSED_SETTLE_MS: '100',
};

export async function startSystem(options: SystemOptions): Promise<System> {
  const stops: (() => Promise<unknown>)[] = [];
  const simulator = buildSimulator(options.simulator ?? {});
  const simulatorUrl = await simulator.listen({ host: '127.0.0.1', port: 0 });
  stops.push(() => simulator.close());

  const environment = {
    DATABASE_URL: options.databaseUrl,
    REDIS_URL: options.redisUrl,
    SEAL_KEYS: `k1:${randomBytes(32).toString('base64')}`,
    PHONE_DIGEST_SECRET: randomBytes(32).toString('hex'),
    INGRESS_HOST: '127.0.0.1',
    INGRESS_PORT: '0',
    INGRESS_METRICS_PORT: '0',
    INGRESS_DRAIN_MS: '0',
    WORKER_METRICS_PORT: '0',
    STOP_GRACE_MS: '15000',
    ...QUICK,
    ...options.environment,
  };
  const database = connectDatabase(options.databaseUrl);
  stops.push(() => database.$disconnect());
  const seeded = await seed(database, {
    keyring: parseKeyring(environment.SEAL_KEYS),
    simulatorUrl,
    secret: 'tests',
  });
  // A bucket starts with one token: a test that is not about rates would wait half a second for each lead.
  await database.dialer.updateMany({ data: { uploadWindows: [] } });

  const logger = (name: string) =>
    createLogger({
      name,
      level: options.onLog === undefined ? 'silent' : 'debug',
      destination: { write: (line) => options.onLog?.(line) },
    });

  async function start<Facts>(
    name: string,
    run: (lifecycle: Lifecycle, log: ReturnType<typeof logger>) => Promise<Facts>,
  ): Promise<{ facts: Facts; stop: () => Promise<void> }> {
    const log = logger(name);
    const lifecycle = createLifecycle({
      logger: log,
      graceMs: 15_000,
      exit: () => undefined,
      events: new EventEmitter(),
    });
    const stop = () => lifecycle.stop('the test ends');
    stops.push(stop);
    return { facts: await run(lifecycle, log), stop };
  }

  async function addIngress(own: Readonly<Record<string, string>> = {}): Promise<IngressPart> {
    const env = readEnvironment(ingressEnvironment, { ...environment, ...own });
    const { facts, stop } = await start('ingress', (lifecycle, log) =>
      startIngressProcess({ env, logger: log, lifecycle }),
    );
    return { url: String(facts['url']), metricsUrl: String(facts['metricsUrl']), stop };
  }

  async function addWorker(): Promise<Part> {
    const env = readEnvironment(workerEnvironment, environment);
    const { facts, stop } = await start('worker', (lifecycle, log) =>
      startWorkerProcess({ env, logger: log, lifecycle }),
    );
    return { metricsUrl: String(facts['metricsUrl']), stop };
  }

  const ingresses: IngressPart[] = [];
  for (let n = 0; n < (options.ingresses ?? 1); n += 1) ingresses.push(await addIngress());
  const workers: Part[] = [];
  for (let n = 0; n < (options.workers ?? 1); n += 1) workers.push(await addWorker());

  return {
    ingresses,
    workers,
    seeded,
    simulatorUrl,
    database,
    environment,
    addWorker,
    addIngress,
    async stop() {
      for (const stop of stops.toReversed()) await stop();
    },
  };
}
