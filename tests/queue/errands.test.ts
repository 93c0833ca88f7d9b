import { setTimeout as delay } from 'node:timers/promises';
import type { Errand } from '@live-feed/core/directory/errand';
import { answerErrand, errandAnswer, sendErrand, takeErrands } from '@live-feed/queue/errands/errands';
import { closeRedis, connectRedis, type Redis, whenReady } from '@live-feed/queue/redis/redis';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { useRedis } from '../kit/services/redis.ts';
import { waitFor } from '../kit/wait-for.ts';

const service = useRedis();
let redis: Redis;

beforeAll(async () => {
  redis = connectRedis(service.url, 'requests', () => {});
  await whenReady(redis, 5_000);
});
afterAll(() => closeRedis(redis));
beforeEach(() => redis.flushall());

const errand: Errand = { kind: 'progress', companyId: 'company', leadId: 'lead' };
const send = (waitMs = 10_000) => sendErrand(redis, errand, { waitMs });

test('one worker takes an errand, and its ingress gets the answer', async () => {
  const sent = await send();
  if (sent.kind !== 'added') throw new Error('It was not added.');
  const taken = await Promise.all([takeErrands(redis, 5), takeErrands(redis, 5)]);
  expect(taken.flat()).toMatchObject([{ id: sent.id, errand }]);
  expect(taken.flat()[0]?.leftMs).toBeGreaterThan(5_000);
  const answer = errandAnswer(redis, sent.id, 5_000);
  await answerErrand(redis, sent.id, 'sealed');
  expect(await answer).toBe('sealed');
  expect(await errandAnswer(redis, 'another', 100)).toBeUndefined();
});

test('an errand that nobody waits for any more is never begun', async () => {
  await send(50);
  await delay(100);
  await send();
  expect(await takeErrands(redis, 5)).toHaveLength(1);
});

test('no more are taken than there is room for', async () => {
  for (let n = 0; n < 5; n += 1) await send();
  expect(await takeErrands(redis, 2)).toHaveLength(2);
  expect(await takeErrands(redis, 10)).toHaveLength(3);
});

test('of the like one is added within its time, whoever asks, and that says when the next may be', async () => {
  const once = { name: 'campaigns:company', everyMs: 60_000 };
  const sent = await Promise.all(
    Array.from({ length: 5 }, () => sendErrand(redis, errand, { waitMs: 1_000, once })),
  );
  expect(sent.filter(({ kind }) => kind === 'added')).toHaveLength(1);
  const [added] = sent.filter((each) => each.kind === 'added');
  const [refused] = sent.filter((each) => each.kind === 'recent');
  // Whoever asks meanwhile can wait for the same answer.
  expect(refused?.id).toBe(added?.id);
  expect(refused?.againInMs).toBeGreaterThan(50_000);
  expect(
    (await sendErrand(redis, errand, { waitMs: 1_000, once: { ...once, name: 'campaigns:other' } })).kind,
  ).toBe('added');
});

test('a list that is full refuses more, and what is in it is bounded', async () => {
  const sent = await Promise.all(Array.from({ length: 510 }, () => send()));
  expect(sent.filter(({ kind }) => kind === 'full')).toHaveLength(10);
});

test('what is no errand, of another release, is dropped', async () => {
  for (const text of ['{"id":"1","errand":{"kind":"dance"}}', 'no JSON']) {
    await redis.rpush('{lf:errands}:waiting', `${Date.now() + 10_000} ${text}`);
  }
  await redis.rpush('{lf:errands}:waiting', 'not even a time', `${Date.now() + 3_600_000} {}`);
  await send();
  expect(await takeErrands(redis, 10)).toHaveLength(1);
});

test('where Redis does not say in time whether it took an errand, it may have been taken', async () => {
  service.server.freeze();
  const sent = await send().finally(() => service.server.thaw());
  expect(sent.kind).toBe('unsure');
  await whenReady(redis, 10_000);
  expect(await waitFor(async () => (await takeErrands(redis, 5))[0])).toMatchObject({ errand });
});

test('without Redis there are no errands', async () => {
  const away = connectRedis('redis://127.0.0.1:1', 'requests', () => {});
  await expect(sendErrand(away, errand, { waitMs: 1_000 })).rejects.toThrow('unavailable');
  expect(await takeErrands(away, 5)).toEqual([]);
  await closeRedis(away);
});
