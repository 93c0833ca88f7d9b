import { randomBytes } from 'node:crypto';
import type { Database } from '@live-feed/database/connection/client';
import { operationsVariables } from '@live-feed/operations/environment';
import { type OpenResources, openResources } from '@live-feed/operations/open-resources';
import type { Redis } from '@live-feed/queue/redis/redis';
import { readEnvironment } from '@live-feed/runtime/configuration/environment';
import { z } from 'zod';
import { quickPasswords } from './people.ts';

/** What operations work with. @param environment the system's; without one, secrets of its own */
export function testResources(
  database: Database,
  redis: Redis,
  environment: Readonly<Record<string, string | undefined>> = {},
): OpenResources {
  const variables = {
    ...{ DATABASE_URL: 'postgresql://127.0.0.1/not-used', REDIS_URL: 'redis://127.0.0.1:1' },
    ...{ SEAL_KEYS: `k1:${randomBytes(32).toString('base64')}`, WEBHOOK_ALLOW_PRIVATE: 'true' },
    PHONE_DIGEST_SECRET: randomBytes(32).toString('hex'),
    ...environment,
  };
  const env = readEnvironment(z.object(operationsVariables), variables);
  return { ...openResources(env, { database, redis }), passwords: quickPasswords };
}
