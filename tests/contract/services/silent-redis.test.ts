import { closeRedis, connectRedis } from '@live-feed/queue/redis/redis';
import type { EmbeddedRedis } from '@live-feed/tools/services/redis';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { EXAMPLE, post } from '../../kit/http/client.ts';
import { startTcpProxy, type TcpProxy } from '../../kit/network/tcp-proxy.ts';
import { useDatabase } from '../../kit/services/database.ts';
import { startTestRedis } from '../../kit/services/redis.ts';
import { type System, startSystem } from '../../kit/system/system.ts';
import { waitFor } from '../../kit/wait-for.ts';

/** Packets of established connections are lost on the way to a Redis that is well. */

const database = useDatabase();
let redis: EmbeddedRedis;
let proxy: TcpProxy;
let system: System;

beforeAll(async () => {
  redis = await startTestRedis();
  proxy = await startTcpProxy(redis.port, Math.random);
  const redisUrl = redis.url.replace(`:${redis.port}`, `:${proxy.port}`);
  system = await startSystem({ databaseUrl: database.url, redisUrl });
});
afterAll(async () => {
  await system?.stop();
  await proxy?.close();
  await redis?.stop();
});

/** Seconds since each was made, the one that asks left out. */
async function connectionAges(): Promise<number[]> {
  const asking = connectRedis(redis.url, 'jobs', () => {});
  try {
    const own = await asking.client('ID');
    const list = String(await asking.client('LIST'));
    return [...list.matchAll(/^id=(\d+) .* age=(\d+) /gm)].flatMap(([, id, age]) =>
      Number(id) === own ? [] : [Number(age)],
    );
  } finally {
    await closeRedis(asking);
  }
}

test('connections with nothing to do outlive every limit on silence', async () => {
  await waitFor(async () => (await connectionAges()).every((ageS) => ageS > 8), {
    timeoutMs: 60_000,
    everyMs: 500,
    what: 'connections that are kept',
  });
});

test.each(['busy', 'idle'])(
  'silent connections are replaced, all of them, in a system that is %s',
  async (state) => {
    if (state === 'busy') expect((await post(system, EXAMPLE)).status).toBe(200);
    proxy.silence();
    // Ingress: requests, completions, notes. Worker: jobs, events, notices.
    expect(proxy.silenced()).toBeGreaterThanOrEqual(6);
    await waitFor(() => proxy.silenced() === 0, {
      timeoutMs: 60_000,
      what: 'the end of the silent connections',
    });
    await waitFor(async () => (await post(system, EXAMPLE)).status === 200, {
      timeoutMs: 60_000,
      what: 'a lead that goes through',
    });
  },
);
