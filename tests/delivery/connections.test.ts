import { connectRedis, whenReady } from '@live-feed/queue/redis/redis';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { submit } from '../kit/leads/lead-effects.ts';
import { useDatabase } from '../kit/services/database.ts';
import { useRedis } from '../kit/services/redis.ts';
import { addCompanies } from '../kit/system/company.ts';
import { type System, startSystem } from '../kit/system/system.ts';

const database = useDatabase();
const service = useRedis();
let system: System;
let redis: ReturnType<typeof connectRedis>;

beforeAll(async () => {
  const environment = { INGRESS_DEADLINE_MS: '25000' };
  system = await startSystem({ databaseUrl: database.url, redisUrl: service.url, environment });
  redis = connectRedis(service.url, 'requests', () => undefined);
  await whenReady(redis, 30_000);
});
afterAll(async () => {
  redis?.disconnect();
  await system?.stop();
});

const connections = async () =>
  String(await redis.client('LIST'))
    .trim()
    .split('\n').length;

test('a worker has as many connections to Redis, whatever the number of its dialers', async () => {
  const [first, ...others] = await addCompanies(system, 30);
  if (first === undefined) throw new Error('No company was added.');
  expect(await submit(system, first, 0)).toMatchObject({ status: 200 });
  const withOne = await connections();
  const responses = await Promise.all(others.map((company, n) => submit(system, company, n + 1)));
  expect(new Set(responses.map(({ status }) => status))).toEqual(new Set([200]));
  expect(await connections()).toBe(withOne);
});
