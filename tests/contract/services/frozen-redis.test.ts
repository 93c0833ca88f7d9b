import { closeRedis, connectRedis, isReady, type RedisRole, whenReady } from '@live-feed/queue/redis/redis';
import { afterAll, afterEach, beforeAll, expect, onTestFinished, test } from 'vitest';
import { call, callIngress, EXAMPLE, post } from '../../kit/http/client.ts';
import { useDatabase } from '../../kit/services/database.ts';
import { useRedis } from '../../kit/services/redis.ts';
import { type System, startSystem } from '../../kit/system/system.ts';
import { waitFor } from '../../kit/wait-for.ts';

/** A Redis that is frozen: its machine takes connections, nothing answers, and nobody closes them. */

const database = useDatabase();
const service = useRedis();
let system: System;

beforeAll(async () => {
  system = await startSystem({ databaseUrl: database.url, redisUrl: service.url });
});
afterEach(() => service.server.thaw());
afterAll(() => system?.stop());

/** @returns how many attempts have failed, the present connection included */
function connectTo(role: RedisRole) {
  let failures = 0;
  const redis = connectRedis(service.url, role, () => {
    failures += 1;
  });
  onTestFinished(() => closeRedis(redis));
  return { redis, failures: () => failures };
}

test.each<RedisRole>(['requests', 'jobs', 'stream'])(
  'a connection for %s says so, goes on trying, and works once it is over',
  async (role) => {
    const { redis, failures } = connectTo(role);
    expect(await whenReady(redis, 30_000)).toBe(true);
    service.server.freeze();
    // The connection that there was, and one that was opened meanwhile.
    await waitFor(() => failures() >= 2, { timeoutMs: 60_000, what: 'a second attempt that failed' });
    expect(isReady(redis)).toBe(false);
    expect(redis.health.why()).toBe('Redis does not answer.');
    service.server.thaw();
    expect(await whenReady(redis, 60_000)).toBe(true);
    expect(await redis.echo('again')).toBe('again');
  },
);

test('readiness says so, leads are refused at once, and all is well again once it is over', async () => {
  expect((await post(system, EXAMPLE)).status).toBe(200);
  const ready = async () => {
    const answers = await Promise.all([
      ...system.ingresses.map(({ url }) => callIngress(url, '/readyz')),
      ...system.workers.map(({ metricsUrl }) => call(`${metricsUrl}/readyz`)),
    ]);
    return answers.map(({ status, body }) => [status, body.why?.queue]);
  };
  const { failures } = connectTo('jobs');
  service.server.freeze();
  await waitFor(async () => (await ready()).every(([status]) => status === 503), {
    what: 'processes that are not ready',
  });
  expect(await ready()).toEqual([
    [503, 'Redis does not answer.'],
    [503, 'Redis does not answer.'],
  ]);
  const refused = await post(system, EXAMPLE);
  expect(refused).toMatchObject({ status: 503, body: { code: 'QUEUE_UNAVAILABLE', retryable: true } });
  // It was not even tried.
  expect(refused.headers.get('x-lead-id')).toBeNull();
  // Those for jobs are the most patient ones: by then all have been replaced.
  await waitFor(() => failures() >= 2, { timeoutMs: 60_000, what: 'a second attempt that failed' });
  service.server.thaw();
  await waitFor(async () => (await ready()).every(([status]) => status === 200), {
    timeoutMs: 60_000,
    what: 'processes that are ready',
  });
  expect((await post(system, EXAMPLE)).status).toBe(200);
});

test.each<RedisRole>(['requests', 'jobs', 'stream'])(
  'a connection for %s that has ended is made anew',
  async (role) => {
    const { redis } = connectTo(role);
    expect(await whenReady(redis, 30_000)).toBe(true);
    // As after an error that the client does not try to recover from.
    redis.disconnect();
    await waitFor(() => redis.status === 'end', { what: 'the end' });
    expect(isReady(redis)).toBe(false);
    await waitFor(() => isReady(redis), { what: 'a new connection' });
    expect(await redis.echo('again')).toBe('again');
  },
);

test('a connection that was closed stays closed', async () => {
  const { redis } = connectTo('jobs');
  expect(await whenReady(redis, 30_000)).toBe(true);
  const other = connectTo('jobs').redis;
  await closeRedis(redis);
  other.disconnect();
  // The other one has been made anew by then.
  await waitFor(() => isReady(other) && redis.status === 'end', { what: 'a new connection' });
});
