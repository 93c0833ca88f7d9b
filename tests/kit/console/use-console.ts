import { buildConsole, type ConsoleDependencies } from '@live-feed/console/console';
import { createConsoleMetrics } from '@live-feed/console/console-metrics';
import type { Role } from '@live-feed/core/directory/role';
import { newId } from '@live-feed/core/ids';
import type { Database } from '@live-feed/database/connection/client';
import type { OpenResources } from '@live-feed/operations/open-resources';
import { closeRedis, connectRedis, type Redis, whenReady } from '@live-feed/queue/redis/redis';
import { createLogger } from '@live-feed/runtime/logging/logger';
import { createMetrics } from '@live-feed/runtime/monitoring/metrics';
import { afterAll, beforeAll } from 'vitest';
import { connectDatabase, useDatabase } from '../services/database.ts';
import { useRedis } from '../services/redis.ts';
import type { UsedServices } from '../system/use-system.ts';
import { addTestPerson, type Console, signIn } from './people.ts';
import { testResources } from './resources.ts';

/** There from `beforeAll` on. */
export interface TestConsole {
  readonly app: Console;
  readonly database: Database;
  readonly redis: Redis;
  /** What its operations work with. */
  readonly resources: OpenResources;
  /** What it has logged. */
  readonly lines: string[];
  /** Adds somebody and signs them in. @returns the header with which requests are theirs */
  as(role: Role, companyId?: string | null): Promise<{ readonly cookie: string }>;
}

export type ConsoleOptions = Partial<
  Omit<ConsoleDependencies, 'resources' | 'redis' | 'logger' | 'metrics'>
> & {
  /** Of the operations: secrets and addresses. A function is asked when the console is built. */
  readonly environment?: Environment | (() => Environment);
  /** Those of a system that runs; without them, services of its own. */
  readonly services?: UsedServices;
};

type Environment = Readonly<Record<string, string | undefined>>;

/** A console on a database and a Redis of its own, for the tests of the surrounding `describe` or file. */
export function useConsole({ environment, services, ...more }: ConsoleOptions = {}): TestConsole {
  const postgres = services?.database ?? useDatabase();
  const redisServer = services?.redis ?? useRedis();
  const lines: string[] = [];
  let database: Database | undefined;
  let redis: Redis | undefined;
  let resources: OpenResources | undefined;
  let app: Console | undefined;

  beforeAll(async () => {
    database = connectDatabase(postgres.url);
    redis = connectRedis(redisServer.url, 'requests', () => {});
    await whenReady(redis, 10_000);
    const variables = typeof environment === 'function' ? environment() : environment;
    resources = testResources(database, redis, variables);
    app = await buildConsole({
      resources,
      redis,
      logger: createLogger({
        name: 'console-test',
        level: 'info',
        destination: { write: (line) => void lines.push(line) },
      }),
      metrics: createConsoleMetrics(createMetrics()),
      refreshMs: 20,
      standingMaxAgeMs: 0,
      ...more,
    });
    await app.ready();
  });
  afterAll(async () => {
    await app?.close();
    if (redis !== undefined) await closeRedis(redis);
    await database?.$disconnect();
  });

  const there = <Value>(value: Value | undefined): Value => {
    if (value === undefined) throw new Error('The console is there from beforeAll on.');
    return value;
  };
  return {
    lines,
    get app() {
      return there(app);
    },
    get database() {
      return there(database);
    },
    get redis() {
      return there(redis);
    },
    get resources() {
      return there(resources);
    },
    async as(role, companyId = null) {
      const person = { name: `${role}-${newId()}`, password: 'correct horse battery' };
      await addTestPerson(there(database), person, role, companyId);
      return signIn(there(app), person);
    },
  };
}
