import { readPermitUse } from '@live-feed/queue/limits/permit-use';
import { createPermits } from '@live-feed/queue/limits/permits';
import { closeRedis, connectRedis, type Redis, whenReady } from '@live-feed/queue/redis/redis';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { useRedis } from '../kit/services/redis.ts';

const server = useRedis();
let redis: Redis;

beforeAll(async () => {
  redis = connectRedis(server.url, 'requests', () => {});
  await whenReady(redis, 10_000);
});
afterAll(() => closeRedis(redis));

const address = { dialerId: 'a dialer', host: 'dialer.test', accountId: '7' };
/** One in an hour, so that no time that a test takes changes anything. */
const bucket = { burst: 3, ratePerMs: 1 / 3_600_000 };

test('says how many permits are used, and takes none', async () => {
  const use = () => readPermitUse(redis, address, 'upload', bucket);
  expect(await use()).toEqual({ used: 0, burst: 3, perMinute: 0, waitMs: 0 });
  // A new bucket has one permit.
  await createPermits(redis, 'upload').take(address, bucket);
  const used = await use();
  expect(used).toMatchObject({ used: 3, burst: 3 });
  expect(used?.waitMs).toBeGreaterThan(3_000_000);
  expect(used?.waitMs).toBeLessThanOrEqual(3_600_000);
  expect((await readPermitUse(redis, address, 'read-back', bucket))?.used).toBe(0);
});

test('where nothing is limited, nothing is used', async () => {
  expect(
    await readPermitUse(redis, address, 'upload', { burst: 1, ratePerMs: Number.POSITIVE_INFINITY }),
  ).toBeNull();
});
