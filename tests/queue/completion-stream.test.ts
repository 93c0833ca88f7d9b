import type { LeadOutcome } from '@live-feed/core/lead/lead-outcome';
import { closeRedis, connectRedis, type Redis, whenReady } from '@live-feed/queue/redis/redis';
import { completionStream, createCompletionPublisher } from '@live-feed/queue/streams/completion-stream';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { useRedis } from '../kit/services/redis.ts';

const service = useRedis();
let redis: Redis;

beforeAll(async () => {
  redis = connectRedis(service.url, 'requests', () => {});
  await whenReady(redis, 10_000);
});
afterEach(() => vi.restoreAllMocks());
afterAll(() => closeRedis(redis));

const outcome: LeadOutcome = {
  ...{ leadId: 'lead', state: 'ACCEPTED', reason: 'DIALER_ACCEPTED' },
  ...{ source: 'answer', uploadSize: 1, dialerResponse: null },
};

test.each([
  ['ahead', 5],
  ['behind', -5],
])('an event stays in its stream where the clock of the worker is minutes %s', async (direction, minutes) => {
  const now = Date.now();
  vi.spyOn(Date, 'now').mockImplementation(() => now + minutes * 60_000);
  const stream = completionStream(`clock ${direction}`);
  const publish = createCompletionPublisher(redis);
  for (let n = 0; n < 3; n += 1) await publish(new Map([[stream, [outcome]]]));
  expect(await redis.xlen(stream)).toBe(3);
});

test('what nobody can be waiting for any more does not stay', async () => {
  const stream = completionStream('old entries');
  const old = redis.pipeline();
  for (let n = 1; n <= 500; n += 1) old.xadd(stream, `${n}-0`, 'm', '[]');
  await old.exec();
  const publish = createCompletionPublisher(redis);
  for (let n = 0; n < 2; n += 1) await publish(new Map([[stream, [outcome]]]));
  expect(await redis.xlen(stream)).toBeLessThan(200);
});
