import { closeRedis, connectRedis, whenReady } from '@live-feed/queue/redis/redis';
import { redisScript } from '@live-feed/queue/redis/redis-script';
import { expect, it, onTestFinished } from 'vitest';
import { useRedis } from '../kit/services/redis.ts';

const service = useRedis();
const rehearse = redisScript(new URL('../../packages/queue/src/redis/rehearse-script.lua', import.meta.url));

it.each([
  ['that has lost its scripts', (redis: ReturnType<typeof connectRedis>) => redis.script('FLUSH')],
  ['whose connection was replaced', async (redis: ReturnType<typeof connectRedis>) => redis.disconnect(true)],
])('runs scripts on a Redis %s', async (_, disturb) => {
  const redis = connectRedis(service.url, 'jobs', () => {});
  onTestFinished(() => closeRedis(redis));
  await whenReady(redis, 30_000);
  const run = () => rehearse.run(redis, ['{lf:test}:script'], [1_000]);
  expect(await run()).toBe('OK');
  await disturb(redis);
  expect(await Promise.all([run(), run(), run()])).toEqual(['OK', 'OK', 'OK']);
});
