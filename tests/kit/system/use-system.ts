import { afterAll, beforeAll } from 'vitest';
import { useDatabase } from '../services/database.ts';
import { useRedis } from '../services/redis.ts';
import { openQueues, type Queues } from './queues.ts';
import { type System, type SystemOptions, startSystem } from './system.ts';

export interface Started {
  readonly system: System;
  readonly queues: Queues;
}

/**
 * A system on services of its own for the tests of a file, and a look at its queues; closed after the last one.
 *
 * @param onStarted takes them before the first test, and prepares what the tests share
 */
export function useSystem(
  options: Omit<SystemOptions, 'databaseUrl' | 'redisUrl'>,
  onStarted: (started: Started) => void | Promise<void>,
): { readonly database: ReturnType<typeof useDatabase>; readonly redis: ReturnType<typeof useRedis> } {
  const database = useDatabase();
  const redis = useRedis();
  let system: System | undefined;
  let queues: Queues | undefined;
  beforeAll(async () => {
    system = await startSystem({ ...options, databaseUrl: database.url, redisUrl: redis.url });
    queues = await openQueues(system);
    await onStarted({ system, queues });
  });
  afterAll(async () => {
    await queues?.close();
    await system?.stop();
  });
  return { database, redis };
}
