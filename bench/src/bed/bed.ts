import { closeRedis, connectRedis, type Redis, whenReady } from '@live-feed/queue/redis/redis';
import { type Stack, startStack } from '@live-feed/tools/stack';
import type { Owner } from '@live-feed/tools/stack/owner';
import { Client } from 'pg';
import type { CallersPlan, LoadResult, PacedPlan } from '../load/load-plan.ts';
import { phoneRanges } from '../load/phone-ranges.ts';
import { type LoadObserver, runLoad } from '../load/run-load.ts';
import type { Machine } from '../report/finding.ts';
import type { ScenarioOptions } from '../scenario.ts';
import { describeMachine, serverVersion } from '../usage/machine.ts';
import { controlSimulator, type SimulatorControl } from './simulator-control.ts';

type Load<Plan extends CallersPlan | PacedPlan> = Pick<Plan, 'companies' | 'warmupMs' | 'measuredMs'>;

/** Live Feed, running, and what puts load on it. */
export interface Bed {
  readonly stack: Stack;
  readonly database: Client;
  readonly redis: Redis;
  readonly simulator: SimulatorControl;
  readonly machine: Machine;
  /** Evenly spaced leads. @param load its `url` has no path; default: each company's go through all ingresses */
  paced(
    load: Load<PacedPlan> & { readonly perSecond: number; readonly url?: string },
    observer?: LoadObserver,
  ): Promise<LoadResult>;
  /** Callers of one URL. @param load its `url` has no path; default: the first ingress */
  callers(
    load: Load<CallersPlan> & { readonly callers: number; readonly url?: string },
    observer?: LoadObserver,
  ): Promise<LoadResult>;
}

export interface BedSetting {
  readonly dialerMs: number;
  /** Whether the dialing system enforces RingCX's windows. */
  readonly enforceLimits: boolean;
  /** Default: one of each. */
  readonly replicas?: { readonly ingresses: number; readonly workers: number };
}

/** Everything that it starts belongs to the owner. */
export async function openBed(
  { owner, env, say }: Pick<ScenarioOptions, 'owner' | 'env' | 'say'>,
  { dialerMs, enforceLimits, replicas = { ingresses: 1, workers: 1 } }: BedSetting,
): Promise<Bed> {
  const { DATABASE_URL: _database, REDIS_URL: _redis, ...own } = env; // always services of its own
  const stack = await startStack({
    env: { INGRESS_DRAIN_MS: '0', ...own },
    owner,
    durable: true,
    log: errorLines(say),
    ...replicas,
  });
  const database = await openDatabase(owner, stack.databaseUrl);
  const redis = await openRedis(owner, stack.redisUrl);
  const simulator = controlSimulator(stack.simulatorUrl);
  await simulator.behave({ delayMs: dialerMs, enforceLimits });
  const nextPhones = phoneRanges();
  return {
    stack,
    database,
    redis,
    simulator,
    machine: describeMachine(await versions(database, redis)),
    paced: ({ url, ...load }, observer) => {
      const urls = (url === undefined ? stack.ingresses.map((each) => each.url) : [url]).map(leadUrl);
      return runLoad(owner, { kind: 'paced', urls, firstPhone: nextPhones(), ...load }, observer);
    },
    callers: ({ url = stack.ingressUrl, ...load }, observer) => {
      const plan = { kind: 'callers', url: leadUrl(url), firstPhone: nextPhones(), ...load } as const;
      return runLoad(owner, plan, observer);
    },
  };
}

function leadUrl(url: string): string {
  return new URL('/live-feed/ringcx', url).href;
}

/** A system that fails logs errors many times a second. */
const MOST_ERROR_LINES = 20;

/** Shows the first errors that the processes log. */
function errorLines(say: (line: string) => void) {
  let left = MOST_ERROR_LINES;
  return (name: string, line: string): void => {
    if (left === 0 || !/"level":"(error|fatal)"/.test(line)) return;
    left -= 1;
    say(`${name} | ${line}${left === 0 ? '\nFurther errors are not shown.' : ''}`);
  };
}

async function openDatabase(owner: Owner, url: string): Promise<Client> {
  const database = new Client({ connectionString: url, query_timeout: 30_000 });
  database.on('error', () => {}); // the next query fails
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
