import { afterAll, beforeAll } from 'vitest';
import { useDatabase } from '../services/database.ts';
import { useRedis } from '../services/redis.ts';
import { openQueues, type Queues } from './queues.ts';
import { type ProcessSystem, type System, type SystemOptions, startSystem } from './system.ts';

type Options = Omit<SystemOptions, 'databaseUrl' | 'redisUrl'>;
type OnStarted<Kind> = (started: { readonly system: Kind; readonly queues: Queues }) => void | Promise<void>;

/** The services of the tests of a file. */
export interface UsedServices {
  readonly database: ReturnType<typeof useDatabase>;
  readonly redis: ReturnType<typeof useRedis>;
}

/**
 * A system on services of its own for the tests of a file, and a look at its queues; closed after the last one.
 *
 * @param onStarted takes them before the first test, and prepares what the tests share
 */
export function useSystem(
  options: Options & { readonly processes: true },
  onStarted: OnStarted<ProcessSystem>,
): UsedServices;
export function useSystem(options: Options, onStarted: OnStarted<System>): UsedServices;
export function useSystem(
  options: Options & { readonly processes?: true },
  onStarted: OnStarted<System & ProcessSystem>,
): UsedServices {
  const database = useDatabase();
  const redis = useRedis();
  let system: System | ProcessSystem | undefined;
  let queues: Queues | undefined;
  beforeAll(async () => {
    system = await startSystem({ ...options, databaseUrl: database.url, redisUrl: redis.url });
    queues = await openQueues(system);
    await onStarted({ system: system as System & ProcessSystem, queues });
  });
  afterAll(async () => {
    await queues?.close();
    await system?.stop();
  });
  return { database, redis };
}
