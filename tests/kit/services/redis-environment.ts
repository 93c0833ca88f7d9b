import type { RedisServer } from '@live-feed/queue/redis/settings/redis-server';
import { redisServerOf, redisVariables } from '@live-feed/queue/redis/settings/redis-variables';
import { z } from 'zod';

/** Where the Redis of a process is, from its variables. */
export function serverIn(environment: Readonly<Record<string, string>>): RedisServer {
  return redisServerOf(z.object(redisVariables).parse(environment));
}
