import { type AppProcess, type AppSpec, startApp } from '@live-feed/tools/stack/app-process';
import { addCompany, type Company } from './company.ts';
import { openQueues, type Queues } from './queues.ts';
import { type System, startSystem } from './system.ts';

/** Ingresses and workers as processes of their own, to be killed, frozen and replaced. The simulator runs here. */
export interface Fleet {
  readonly system: System;
  readonly queues: Queues;
  readonly companies: readonly Company[];
  /** Those that live, oldest first. */
  readonly ingresses: AppProcess[];
  readonly workers: AppProcess[];
  /** Resolves when it is up. */
  startIngress(): Promise<AppProcess>;
  startWorker(): Promise<AppProcess>;
  stop(): Promise<void>;
}

export interface FleetOptions {
  readonly databaseUrl: string;
  readonly redisUrl: string;
  readonly ingresses: number;
  readonly workers: number;
  readonly companies: number;
  /** Beyond what is used in production. */
  readonly environment?: Readonly<Record<string, string>>;
}

/** What is used in production, where other tests use less. */
const PRODUCTION = {
  INGRESS_DEADLINE_MS: '25000',
  WORKER_CONNECT_TIMEOUT_MS: '3000',
  WORKER_UPLOAD_TIMEOUT_MS: '10000',
  WORKER_SEND_WINDOW_MS: '2000',
  WORKER_SETTLE_MS: '3000',
  WORKER_LOCK_MS: '8000',
  INGRESS_DRAIN_MS: '2000',
  STOP_GRACE_MS: '20000',
};

export async function startFleet(options: FleetOptions): Promise<Fleet> {
  const { databaseUrl, redisUrl } = options;
  const system = await startSystem({
    databaseUrl,
    redisUrl,
    ingresses: 0,
    workers: 0,
    environment: { ...PRODUCTION, ...options.environment },
  });
  const queues = await openQueues(system);
  const ingresses: AppProcess[] = [];
  const workers: AppProcess[] = [];
  const companies: Company[] = [];

  async function start(app: AppSpec['app'], living: AppProcess[]): Promise<AppProcess> {
    const env = { PATH: process.env['PATH'], ...system.environment };
    const started = await startApp({ name: app, app, env, log: () => {} });
    living.push(started);
    void started.exited.then(() => living.splice(living.indexOf(started), 1));
    return started;
  }
  const startIngress = () => start('ingress', ingresses);
  const startWorker = () => start('worker', workers);

  async function stop(): Promise<void> {
    await Promise.all([...ingresses].map((ingress) => ingress.stop()));
    await Promise.all([...workers].map((worker) => worker.stop()));
    await queues.close();
    await system.stop();
  }

  try {
    for (let n = 0; n < options.companies; n += 1) {
      companies.push(await addCompany(system, { family: n % 2 === 0 ? 'ringcx' : 'newbridge' }));
    }
    for (let n = 0; n < options.workers; n += 1) await startWorker();
    for (let n = 0; n < options.ingresses; n += 1) await startIngress();
  } catch (error) {
    await stop();
    throw error;
  }
  return { system, queues, companies, ingresses, workers, startIngress, startWorker, stop };
}
