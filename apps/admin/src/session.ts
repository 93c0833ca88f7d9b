import type { LeadLoaders } from '@live-feed/dialers/lead-loaders';
import type { Context, Operation } from '@live-feed/operations/operation';
import { perform } from '@live-feed/operations/perform';
import { Refusal } from '@live-feed/operations/refusal';
import type { Resources } from '@live-feed/operations/resources';
import type { OutboundClient } from '@live-feed/outbound/http/outbound-client';
import type { Redis } from '@live-feed/queue/redis/redis';
import type { z } from 'zod';
import type { AdminEnvironment } from './environment.ts';
import type { Terminal } from './terminal/terminal.ts';
import { theUser } from './terminal/user.ts';

/** A command's terminal, and what it works with. Redis, the lead loaders and the client for webhooks are loaded at first use, because loading takes longer than most commands. */
export interface Session extends Resources {
  readonly terminal: Terminal;
  /** Carries out an operation as the user of this machine, who may do everything. */
  perform<I extends z.ZodType<object>, Output>(
    operation: Operation<I, Output>,
    input: z.input<I>,
    progress?: Context['progress'],
  ): Promise<Output>;
  close(): Promise<void>;
}

const REDIS_LIMIT_MS = 3_000;

export async function openSession(env: AdminEnvironment, terminal: Terminal): Promise<Session> {
  const { createDatabase } = await import('@live-feed/database/connection/client');
  const database = createDatabase({
    url: env.DATABASE_URL,
    poolSize: 2,
    statementTimeoutMs: 30_000,
    connectTimeoutMs: 5_000,
    applicationName: 'live-feed-admin',
  });
  let redis: Redis | undefined;
  let loaders: LeadLoaders | undefined;
  let outbound: OutboundClient | undefined;
  const outboundRules = { allowPrivate: env.WEBHOOK_ALLOW_PRIVATE };

  async function connectedRedis(): Promise<Redis> {
    const { connectRedis, redisTrouble, whenReady } = await import('@live-feed/queue/redis/redis');
    redis ??= connectRedis(env.REDIS_URL, 'requests', () => {});
    if (await whenReady(redis, REDIS_LIMIT_MS)) return redis;
    throw new Refusal(`${redisTrouble(redis)} Check REDIS_URL, and that Redis is running.`, {
      kind: 'unavailable',
    });
  }

  const resources: Resources = {
    database,
    keyring: env.SEAL_KEYS,
    digests: env.PHONE_DIGEST_SECRET,
    ringcxUrl: env.WORKER_RINGCX_URL,
    apiUrl: env.ADMIN_API_URL.replace(/\/+$/, ''),

    redis: connectedRedis,

    async loaders() {
      const { createLeadLoaders } = await import('@live-feed/dialers/lead-loaders');
      const { createTokenStore } = await import('@live-feed/queue/sign-in/token-store');
      loaders ??= createLeadLoaders({
        authHeaders: { newbridge: env.WORKER_NEWBRIDGE_AUTH_HEADER },
        signIn: {
          platformUrl: env.WORKER_RINGCENTRAL_URL,
          ringcxUrl: env.WORKER_RINGCX_URL,
          store: createTokenStore(await connectedRedis(), env.SEAL_KEYS),
        },
      });
      return loaders;
    },

    outboundRules,

    async outbound() {
      const { createOutboundClient } = await import('@live-feed/outbound/http/outbound-client');
      outbound ??= createOutboundClient(outboundRules);
      return outbound;
    },
  };

  return {
    ...resources,
    terminal,

    perform: (operation, input, progress) =>
      perform(
        { actor: theUser(env.ADMIN_USER), resources, signal: terminal.signal, progress },
        operation,
        input,
      ),

    async close() {
      outbound?.close();
      await loaders?.close();
      if (redis !== undefined) await (await import('@live-feed/queue/redis/redis')).closeRedis(redis);
      await database.$disconnect();
    },
  };
}
