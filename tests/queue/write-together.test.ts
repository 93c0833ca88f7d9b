import { closeRedis, connectRedis, whenReady } from '@live-feed/queue/redis/redis';
import { expect, onTestFinished, test } from 'vitest';
import { useRedis } from '../kit/services/redis.ts';

const service = useRedis();

test('commands of one turn reach Redis together, each is answered, and so are those after a new connection', async () => {
  const redis = connectRedis(service.url, 'jobs', () => {});
  onTestFinished(() => closeRedis(redis));
  expect(await whenReady(redis, 30_000)).toBe(true);
  // Its looks would be counted.
  redis.health.stop();
  const reads = async () =>
    Number(/total_reads_processed:(\d+)/.exec(await redis.info('stats'))?.[1] ?? Number.NaN);
  const names = Array.from({ length: 200 }, (_, n) => `message ${n}`);
  const before = await reads();
  expect(await Promise.all(names.map((name) => redis.echo(name)))).toEqual(names);
  // The two looks at the count are reads themselves.
  expect((await reads()) - before).toBeLessThan(10);
  redis.disconnect(true);
  expect(await Promise.all(names.map((name) => redis.echo(name)))).toEqual(names);
});
