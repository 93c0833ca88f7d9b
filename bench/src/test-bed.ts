import { closeRedis, connectRedis, type Redis, whenReady } from '@live-feed/queue/redis/redis';
import { type Stack, startStack } from '@live-feed/tools/stack';
import type { Owner } from '@live-feed/tools/stack/owner';
import { Client } from 'pg';
import { startDirect, startPlainQueue } from './baseline-processes.ts';
import { createDialerSettings } from './dialer-settings.ts';
import { createFailureLines } from './failure-lines.ts';
import type { Machine } from './finding.ts';
import { describeMachine, serverVersion } from './machine.ts';
import type { CandidateName, Point } from './scenario.ts';
import { controlSimulator, type SimulatorControl } from './simulator-control.ts';

/** A candidate as it is to be measured: where it takes leads, and the processes that it is made of. */
interface Candidate {
  readonly url: string;
  readonly pids: readonly number[];
  /** Only the plain queue's. */
  readonly concurrency?: number;
}

/** Everything that a benchmark needs, running. */
export interface TestBed {
  readonly stack: Stack;
  readonly database: Client;
  readonly redis: Redis;
  readonly simulator: SimulatorControl;
  readonly machine: Machine;
  /** Makes the point's candidate ready for it. */
  candidateFor(point: Point): Promise<Candidate>;
  /** From now on the plain queue runs so many jobs at once. */
  setConcurrency(concurrency: number): Promise<void>;
}

export interface TestBedOptions {
  readonly owner: Owner;
  readonly env: NodeJS.ProcessEnv;
  readonly candidates: ReadonlySet<CandidateName>;
  readonly enforceLimits: boolean;
  /** Default: one of each. */
  readonly replicas?: { readonly ingresses: number; readonly workers: number };
  /** Told what the processes log as errors. */
  readonly say: (line: string) => void;
}

/** Only what was asked to be part of it is started; all of it is the owner's. */
export async function openTestBed(options: TestBedOptions): Promise<TestBed> {
  const { owner, env, candidates, enforceLimits, replicas = {}, say } = options;
  const { DATABASE_URL: _database, REDIS_URL: _redis, ...own } = env; // never somebody's own services
  const stack = await startStack({
    env: { INGRESS_DRAIN_MS: '0', ...own }, // nobody has to be told to leave
    owner,
    durable: true,
    log: createFailureLines(say),
    ...replicas,
  });
  const { databaseUrl, redisUrl, simulatorUrl } = stack;
  const database = await openDatabase(owner, databaseUrl);
  const redis = await openRedis(owner, redisUrl);
  const apiKey = stack.keys.ringcx;
  const surroundings = { owner, apiKey, redisUrl, simulatorUrl };
  const direct = candidates.has('direct') ? await startDirect(surroundings) : undefined;
  const plainQueue = candidates.has('plain-queue') ? await startPlainQueue(surroundings) : undefined;
  const setDialer = createDialerSettings(database, apiKey);
  let queue: Candidate | undefined;

  return {
    stack,
    database,
    redis,
    simulator: controlSimulator(simulatorUrl),
    machine: describeMachine(await versions(database, redis)),
    async setConcurrency(concurrency) {
      queue = plainQueue && { ...(await plainQueue.withConcurrency(concurrency)), concurrency };
    },
    async candidateFor({ candidate, uploadMaximum, inFlight }) {
      if (candidate === 'live-feed') {
        await setDialer({ uploadMaximum, inFlight: inFlight ?? 1, keepWindows: enforceLimits });
        return { url: stack.ingressUrl, pids: [...stack.ingresses, ...stack.workers].map(({ pid }) => pid) };
      }
      const started = candidate === 'direct' ? direct : queue;
      if (started === undefined) throw new Error(`The candidate ${candidate} was not started.`);
      return started;
    },
  };
}

async function openDatabase(owner: Owner, url: string): Promise<Client> {
  const database = new Client({ connectionString: url, query_timeout: 30_000 });
  database.on('error', () => {}); // the next query tells
  await database.connect();
  await owner.own({ stop: () => database.end() });
  return database;
}

async function openRedis(owner: Owner, url: string): Promise<Redis> {
  const redis = connectRedis(url, 'requests', () => {});
  await owner.own({ stop: () => closeRedis(redis) });
  if (!(await whenReady(redis, 5_000))) throw new Error('Redis did not answer within 5 s.');
  return redis;
}

async function versions(database: Client, redis: Redis): Promise<Pick<Machine, 'postgres' | 'redis'>> {
  const [, redisVersion = 'unknown'] = /redis_version:(\S+)/.exec(await redis.info('server')) ?? [];
  return { postgres: await serverVersion(database), redis: redisVersion };
}
