import { afterAll, beforeAll } from 'vitest';
import { useDatabase } from '../services/database.ts';
import { useRedis } from '../services/redis.ts';
import { type Fleet, type FleetOptions, startFleet } from './fleet.ts';

/**
 * A fleet on services of its own for the tests of a file; stopped after the last one.
 *
 * @param onStarted takes it before the first test, and prepares what the tests share
 */
export function useFleet(
  options: Omit<FleetOptions, 'databaseUrl' | 'redisUrl'>,
  onStarted: (fleet: Fleet) => void | Promise<void>,
): void {
  const database = useDatabase();
  const redis = useRedis();
  let fleet: Fleet | undefined;
  beforeAll(async () => {
    fleet = await startFleet({ ...options, databaseUrl: database.url, redisUrl: redis.url });
    await onStarted(fleet);
  });
  afterAll(() => fleet?.stop());
}
