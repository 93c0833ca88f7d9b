import { createDatabase } from '@live-feed/database/connection/client';
import { migrate } from '@live-feed/database/schema/migrate';
import { ensureDatabase } from '@live-feed/tools/services/databases';
import { type EmbeddedPostgres, startPostgres } from '@live-feed/tools/services/postgres';
import { type EmbeddedRedis, startRedis } from '@live-feed/tools/services/redis';
import { appEnvironments, signInAt } from '@live-feed/tools/stack/app-environments';
import { startApp } from '@live-feed/tools/stack/app-process';
import { makeSecrets } from '@live-feed/tools/stack/kept-secrets';
import { createOwner, type Owner } from '@live-feed/tools/stack/owner';
import { startTcpProxy, type TcpProxy } from '../../kit/network/tcp-proxy.ts';
import { createCrew } from '../../kit/system/crew.ts';
import { openQueues, type Queues } from '../../kit/system/queues.ts';
import type { ProcessSystem } from '../../kit/system/system.ts';
import { createSteppedClock, type SteppedClock } from './stepped-clock.ts';

/** The system that faults break: every part a process of its own, with the time-outs of production. */
export interface TestedSystem extends Omit<ProcessSystem, 'seeded' | 'companies'> {
  readonly queues: Queues;
  readonly postgres: EmbeddedPostgres;
  /** PostgreSQL's time of day. */
  readonly databaseClock: SteppedClock;
  readonly redis: EmbeddedRedis;
  readonly databaseUrl: string;
  /** Uploads go through it to the simulator. */
  readonly proxy: TcpProxy;
  /** Between ingresses and workers, and their stores. */
  readonly postgresProxy: TcpProxy;
  readonly redisProxy: TcpProxy;
  stop(): Promise<void>;
}

export const DEADLINE_MS = 25_000;
const INGRESSES = 2;
const WORKERS = 2;
/** Few enough to be used up. */
const DATABASE_CONNECTIONS = 120;

/** @param random in [0, 1), for the network */
export async function startTestedSystem(owner: Owner, random: () => number): Promise<TestedSystem> {
  // An owner of its own, so that a system that has failed can be stopped before the run ends.
  const own = createOwner();
  await owner.own(own);
  try {
    return await startAll(own, random);
  } catch (error) {
    await own.stop();
    throw error;
  }
}

async function startAll(owner: Owner, random: () => number): Promise<TestedSystem> {
  const databaseClock = await owner.own(await createSteppedClock());
  const env = { PATH: process.env['PATH'], ...databaseClock.env };
  const postgres = await owner.own(
    await startPostgres({ durable: true, maxConnections: DATABASE_CONNECTIONS, env }),
  );
  const databaseUrl = await ensureDatabase(postgres.url, 'live_feed');
  await migrate(databaseUrl);
  const redis = await owner.own(await startDebuggableRedis());
  const secrets = makeSecrets();
  const startProxy = async (port: string) => {
    const started = await startTcpProxy(Number(port), random);
    await owner.own({ stop: () => started.close() });
    return started;
  };
  const postgresProxy = await startProxy(new URL(databaseUrl).port);
  const redisProxy = await startProxy(new URL(redis.url).port);
  const environments = appEnvironments({
    env: { PATH: process.env['PATH'], INGRESS_DEADLINE_MS: String(DEADLINE_MS) },
    services: {
      databaseUrl: throughProxy(databaseUrl, postgresProxy),
      redisUrl: throughProxy(redis.url, redisProxy),
    },
    secrets,
  });

  const simulator = await owner.own(
    await startApp({
      ...{ name: 'simulator', app: 'dialer-simulator', log: ignore },
      env: environments['dialer-simulator'],
    }),
  );
  const simulatorUrl = String(simulator.url);
  const proxy = await startProxy(new URL(simulatorUrl).port);

  const environment = { REDIS_URL: redis.url, SEAL_KEYS: secrets.sealKeys };
  const database = createDatabase({
    url: databaseUrl,
    poolSize: 2,
    statementTimeoutMs: 30_000,
    connectTimeoutMs: 10_000,
    applicationName: 'faults',
  });
  await owner.own({ stop: () => database.$disconnect() });
  const queues = await openQueues({ database, environment });
  await owner.own({ stop: () => queues.close() });

  const signIn = signInAt(`http://127.0.0.1:${proxy.port}`, {});
  const workers = await owner.own(createCrew('worker', { ...environments.worker, ...signIn }));
  const ingresses = await owner.own(createCrew('ingress', environments.ingress));
  await workers.fill(WORKERS);
  await ingresses.fill(INGRESSES);
  const stop = () => owner.stop();
  return {
    postgres,
    databaseClock,
    redis,
    databaseUrl,
    database,
    queues,
    environment,
    ingresses,
    workers,
    simulatorUrl,
    proxy,
    postgresProxy,
    redisProxy,
    stop,
  };
}

function throughProxy(url: string, { port }: TcpProxy): string {
  const changed = new URL(url);
  changed.port = String(port);
  return changed.href;
}

/** Redis 6 does not know this setting; then `DEBUG` cannot be used. */
async function startDebuggableRedis(): Promise<EmbeddedRedis> {
  try {
    return await startRedis({ appendonly: true, debugCommand: true });
  } catch {
    return startRedis({ appendonly: true });
  }
}

function ignore(): void {}
