import type { Database } from '@live-feed/database/connection/client';
import type { LeadLoaders } from '@live-feed/dialers/lead-loaders';
import type { OutboundClient } from '@live-feed/outbound/http/outbound-client';
import type { Redis } from '@live-feed/queue/redis/redis';
import { redisServerOf } from '@live-feed/queue/redis/settings/redis-variables';
import { createPasswords } from './credentials/passwords.ts';
import type { OperationsEnvironment } from './environment.ts';
import { Refusal } from './refusal.ts';
import type { Resources } from './resources.ts';

export interface OpenResources extends Resources {
  /** Closes what it has opened, and neither the database nor a Redis that it was given. */
  close(): Promise<void>;
}

const REDIS_LIMIT_MS = 3_000;

/**
 * What operations work with, opened at first use: loading it takes longer than most commands of the command line.
 *
 * @param owned what belongs to the caller; without a Redis, one is connected at first use
 */
export function openResources(
  env: Omit<OperationsEnvironment, 'DATABASE_URL' | 'AREA_CODES_FILE'>,
  owned: { readonly database: Database; readonly redis?: Redis | undefined },
): OpenResources {
  const { database } = owned;
  let { redis } = owned;
  let loaders: LeadLoaders | undefined;
  let outbound: OutboundClient | undefined;
  const outboundRules = { allowPrivate: env.WEBHOOK_ALLOW_PRIVATE };

  async function connectedRedis(): Promise<Redis> {
    const { connectRedis, redisTrouble, whenReady } = await import('@live-feed/queue/redis/redis');
    redis ??= connectRedis(redisServerOf(env), 'requests', () => {});
    if (await whenReady(redis, REDIS_LIMIT_MS)) return redis;
    throw new Refusal(`${redisTrouble(redis)} Check REDIS_URL, and that Redis is running.`, {
      kind: 'unavailable',
    });
  }

  return {
    database,
    keyring: env.SEAL_KEYS,
    digests: env.PHONE_DIGEST_SECRET,
    passwords: createPasswords(),
    ringcxUrl: env.WORKER_RINGCX_URL,
    apiUrl: env.ADMIN_API_URL.replace(/\/+$/, ''),

    redis: connectedRedis,

    async loaders() {
      const { createLeadLoaders } = await import('@live-feed/dialers/lead-loaders');
      const { createTokenStore } = await import('@live-feed/queue/sign-in/token-store');
      const store = createTokenStore(await connectedRedis(), env.SEAL_KEYS);
      loaders ??= createLeadLoaders({
        authHeaders: { newbridge: env.WORKER_NEWBRIDGE_AUTH_HEADER },
        signIn: { platformUrl: env.WORKER_RINGCENTRAL_URL, ringcxUrl: env.WORKER_RINGCX_URL, store },
      });
      return loaders;
    },

    outboundRules,

    async outbound() {
      const { createOutboundClient } = await import('@live-feed/outbound/http/outbound-client');
      outbound ??= createOutboundClient(outboundRules);
      return outbound;
    },

    async close() {
      outbound?.close();
      await loaders?.close();
      if (redis !== undefined && redis !== owned.redis) {
        await (await import('@live-feed/queue/redis/redis')).closeRedis(redis);
      }
    },
  };
}
