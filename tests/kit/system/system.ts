import { randomBytes } from 'node:crypto';
import { parseKeyring } from '@live-feed/core/crypto/sealing';
import type { Database } from '@live-feed/database/connection/client';
import { type Seeded, seed } from '@live-feed/demo-seed/seed';
import { buildSimulator, type SimulatorOptions } from '@live-feed/dialer-simulator/simulator';
import type { WorkerHooks } from '@live-feed/worker/start';
import { connectDatabase } from '../services/database.ts';
import { addCompany, type Company } from './company.ts';
import { type Crew, createCrew } from './crew.ts';
import { type IngressPart, type OnLog, type Part, startIngressPart, startWorkerPart } from './parts.ts';
import { startWorkerProcess, type WorkerProcess } from './worker-process.ts';

export interface SystemOptions {
  readonly databaseUrl: string;
  readonly redisUrl: string;
  /** Default 1. */
  readonly ingresses?: number;
  /** Default 1. */
  readonly workers?: number;
  /** Companies beside those of the demo, of both dialing systems in turn. Default 0. */
  readonly companies?: number;
  readonly simulator?: SimulatorOptions;
  /** Beyond the defaults, for ingresses and workers. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Every log line of ingresses and workers in this process. */
  readonly onLog?: OnLog;
}

/** What every system has: real services, the simulator over HTTP, in this process. */
interface Base {
  readonly simulatorUrl: string;
  /** A connection of the test's own. */
  readonly database: Database;
  readonly seeded: Seeded;
  readonly companies: readonly Company[];
  /** Of ingresses and workers. */
  readonly environment: Readonly<Record<string, string>>;
  stop(): Promise<void>;
}

/** Its ingresses and workers are in this process, with short time-outs. */
export interface System extends Base {
  readonly ingresses: readonly IngressPart[];
  readonly workers: readonly Part[];
  addWorker(hooks?: WorkerHooks): Promise<Part>;
  /** A worker in a process of its own that kills itself at a point of a delivery. */
  addCrashingWorker(crashAt: string): Promise<WorkerProcess>;
  /** @param environment beyond that of the others */
  addIngress(environment?: Readonly<Record<string, string>>): Promise<IngressPart>;
}

/** Its ingresses and workers are processes that can be killed, frozen and replaced, with the time-outs of production. */
export interface ProcessSystem extends Base {
  readonly ingresses: Crew;
  readonly workers: Crew;
}

/** Time-outs short enough to be waited for; the relations between them are those of the defaults. */
const QUICK = {
  // Everything shares one event loop here, the load included.
  INGRESS_MAX_LOOP_DELAY_MS: '0',
  INGRESS_DEADLINE_MS: '10000',
  INGRESS_DRAIN_MS: '0',
  STOP_GRACE_MS: '15000',
  WORKER_CONNECT_TIMEOUT_MS: '500',
  WORKER_UPLOAD_TIMEOUT_MS: '1000',
  WORKER_SEND_WINDOW_MS: '1000',
  WORKER_SETTLE_MS: '300',
  WORKER_REFUSED_SETTLE_MS: '100',
};

/** Those of production, but for what the load and the tests' patience need. */
const OF_PROCESSES = { INGRESS_MAX_LOOP_DELAY_MS: '0', INGRESS_DRAIN_MS: '2000', STOP_GRACE_MS: '20000' };

type Stops = (() => Promise<unknown>)[];

/** The one way to start a system in tests. @param options.processes ingresses and workers are processes of their own */
export function startSystem(options: SystemOptions & { readonly processes: true }): Promise<ProcessSystem>;
export function startSystem(options: SystemOptions): Promise<System>;
export async function startSystem(
  options: SystemOptions & { readonly processes?: true },
): Promise<System | ProcessSystem> {
  const stops: Stops = [];
  const stop = async () => {
    for (const each of stops.toReversed()) await each();
  };
  try {
    return options.processes
      ? await startProcesses(options, stops, stop)
      : await startInProcess(options, stops, stop);
  } catch (error) {
    await stop();
    throw error;
  }
}

async function startInProcess(options: SystemOptions, stops: Stops, stop: Base['stop']): Promise<System> {
  const { ingresses = 1, workers = 1, onLog } = options;
  const base = await startBase(options, QUICK, stops, stop);
  const { environment } = base;

  async function addIngress(own: Readonly<Record<string, string>> = {}): Promise<IngressPart> {
    const ingress = await startIngressPart({ ...environment, ...own }, onLog);
    stops.push(ingress.stop);
    return ingress;
  }

  async function addWorker(hooks: WorkerHooks = {}): Promise<Part> {
    const worker = await startWorkerPart(environment, onLog, hooks);
    stops.push(worker.stop);
    return worker;
  }

  return {
    ...base,
    ingresses: await several(ingresses, () => addIngress()),
    workers: await several(workers, () => addWorker()),
    addIngress,
    addWorker,
    async addCrashingWorker(crashAt) {
      const worker = await startWorkerProcess(environment, crashAt);
      stops.push(async () => worker.kill('SIGKILL'));
      return worker;
    },
  };
}

async function startProcesses(
  options: SystemOptions,
  stops: Stops,
  stop: Base['stop'],
): Promise<ProcessSystem> {
  const base = await startBase(options, OF_PROCESSES, stops, stop);
  const env = { PATH: process.env['PATH'], ...base.environment };
  const workers = createCrew('worker', env);
  const ingresses = createCrew('ingress', env);
  stops.push(
    () => workers.stop(),
    () => ingresses.stop(),
  );
  await workers.fill(options.workers ?? 1);
  await ingresses.fill(options.ingresses ?? 1);
  return { ...base, workers, ingresses };
}

async function startBase(
  { databaseUrl, redisUrl, companies = 0, ...options }: SystemOptions,
  timeOuts: Readonly<Record<string, string>>,
  stops: Stops,
  stop: Base['stop'],
): Promise<Base> {
  const simulator = buildSimulator(options.simulator ?? {});
  stops.push(() => simulator.close());
  const simulatorUrl = await simulator.listen({ host: '127.0.0.1', port: 0 });
  const environment = {
    DATABASE_URL: databaseUrl,
    REDIS_URL: redisUrl,
    SEAL_KEYS: `k1:${randomBytes(32).toString('base64')}`,
    PHONE_DIGEST_SECRET: randomBytes(32).toString('hex'),
    INGRESS_HOST: '127.0.0.1',
    INGRESS_PORT: '0',
    INGRESS_METRICS_PORT: '0',
    WORKER_METRICS_PORT: '0',
    WORKER_RINGCENTRAL_URL: simulatorUrl,
    WORKER_RINGCX_URL: simulatorUrl,
    ...timeOuts,
    ...options.environment,
  };
  const database = connectDatabase(databaseUrl);
  stops.push(() => database.$disconnect());
  const keyring = parseKeyring(environment.SEAL_KEYS);
  const seeded = await seed(database, { keyring, simulatorUrl, secret: 'tests' });
  // A bucket starts with one token: a test that is not about rates would wait half a second for each lead.
  await database.dialer.updateMany({ data: { uploadWindows: [] } });
  const home = { database, environment, simulatorUrl };
  const added = await several(companies, (n) =>
    addCompany(home, { family: n % 2 === 0 ? 'ringcx' : 'newbridge' }),
  );
  return { ...home, seeded, companies: added, stop };
}

async function several<T>(count: number, start: (n: number) => Promise<T>): Promise<T[]> {
  const started: T[] = [];
  for (let n = 0; n < count; n += 1) started.push(await start(n));
  return started;
}
