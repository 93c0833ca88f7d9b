import type { Database } from '@live-feed/database/connection/client';
import { addCompany, type Company } from './company.ts';
import { type Crew, createCrew } from './crew.ts';
import { openQueues, type Queues } from './queues.ts';
import { startSystem } from './system.ts';

/** A system whose ingresses and workers are processes that can be killed, frozen and replaced. */
export interface ProcessSystem {
  readonly ingresses: Crew;
  readonly workers: Crew;
  readonly simulatorUrl: string;
  /** Connections of the test's own. */
  readonly database: Database;
  readonly queues: Queues;
  readonly environment: Readonly<Record<string, string>>;
}

/** Such a system for tests, with companies. The simulator runs in this process. */
export interface Fleet extends ProcessSystem {
  readonly companies: readonly Company[];
  stop(): Promise<void>;
}

export interface FleetOptions {
  readonly databaseUrl: string;
  readonly redisUrl: string;
  readonly ingresses: number;
  readonly workers: number;
  readonly companies: number;
  /** Beyond that of production. */
  readonly environment?: Readonly<Record<string, string>>;
}

/** The time-outs of production; tests in one process use shorter ones. */
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
  const env = { PATH: process.env['PATH'], ...system.environment };
  const ingresses = createCrew('ingress', env);
  const workers = createCrew('worker', env);
  const companies: Company[] = [];

  async function stop(): Promise<void> {
    await ingresses.stop();
    await workers.stop();
    await queues.close();
    await system.stop();
  }

  try {
    for (let n = 0; n < options.companies; n += 1) {
      companies.push(await addCompany(system, { family: n % 2 === 0 ? 'ringcx' : 'newbridge' }));
    }
    await workers.fill(options.workers);
    await ingresses.fill(options.ingresses);
  } catch (error) {
    await stop();
    throw error;
  }
  const { simulatorUrl, database, environment } = system;
  return { ingresses, workers, simulatorUrl, database, queues, environment, companies, stop };
}
