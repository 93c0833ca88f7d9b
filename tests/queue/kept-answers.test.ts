import { randomUUID } from 'node:crypto';
import {
  type CheckedPhone,
  createKeptAnswers,
  type KeptAnswer,
} from '@live-feed/queue/phone-checks/kept-answers';
import { closeRedis, connectRedis, type Redis, whenReady } from '@live-feed/queue/redis/redis';
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { startTestRedis, useRedis } from '../kit/services/redis.ts';

/** What companies' checks said of phones, in a real Redis. */

const HOUR_MS = 3_600_000;
const service = useRedis();
let redis: Redis;
let phone: CheckedPhone;

beforeAll(async () => {
  redis = connectRedis(service.url, 'requests', () => {});
  await whenReady(redis, 30_000);
});
afterAll(() => closeRedis(redis));
beforeEach(() => {
  phone = { checkId: randomUUID(), phoneDigest: 'ab'.repeat(32), cacheMs: HOUR_MS };
});

const said = (atMs: number, allow = true): KeptAnswer => ({ allow, reason: allow ? null : 'sealed', atMs });

/** Its clock is moved by the test. */
function answersAt(nowMs: number, most?: number) {
  const clock = { ms: nowMs };
  return { clock, answers: createKeptAnswers(redis, () => clock.ms, most) };
}

describe('an answer', () => {
  test('holds as long as the company wants, in the next period as well, and no longer', async () => {
    const { clock, answers } = answersAt(100 * HOUR_MS + HOUR_MS / 2);
    const answer = said(clock.ms, false);
    await answers.keep(phone, answer);
    clock.ms += HOUR_MS - 1;
    expect(await answers.read(phone)).toEqual(answer);
    clock.ms += 1;
    expect(await answers.read(phone)).toBeUndefined();
  });

  test('is of its check and its phone only, and of the time that it was kept for', async () => {
    const { clock, answers } = answersAt(100 * HOUR_MS);
    await answers.keep(phone, said(clock.ms));
    expect(await answers.read({ ...phone, checkId: randomUUID() })).toBeUndefined();
    expect(await answers.read({ ...phone, phoneDigest: 'ac'.repeat(32) })).toBeUndefined();
    expect(await answers.read({ ...phone, cacheMs: 2 * HOUR_MS })).toBeUndefined();
  });

  test('is replaced by a later one', async () => {
    const { clock, answers } = answersAt(100 * HOUR_MS);
    await answers.keep(phone, said(clock.ms));
    await answers.keep(phone, said(clock.ms + 5, false));
    expect(await answers.read(phone)).toEqual(said(clock.ms + 5, false));
  });

  test('of a clock that was far ahead does not count', async () => {
    const { clock, answers } = answersAt(100 * HOUR_MS);
    await answers.keep(phone, said(clock.ms + 2 * HOUR_MS));
    expect(await answers.read(phone)).toBeUndefined();
  });

  test.each(['', 'null', '{"allow":"yes"}', '{"allow":true}'])('that is %j is none', async (text) => {
    const { clock, answers } = answersAt(100 * HOUR_MS);
    await answers.keep(phone, said(clock.ms));
    const [key = ''] = await redis.keys(`{lf:check:${phone.checkId}}*`);
    const [field = ''] = await redis.hkeys(key);
    await redis.hset(key, field, text);
    expect(await answers.read(phone)).toBeUndefined();
  });
});

test('a full period keeps no further phone, and all of them end by themselves', async () => {
  const { clock, answers } = answersAt(100 * HOUR_MS, 2);
  const phones = ['a', 'b', 'c'].map((digit) => ({ ...phone, phoneDigest: digit.repeat(64) }));
  for (const each of phones) await answers.keep(each, said(clock.ms));
  const known = await Promise.all(phones.map((each) => answers.read(each)));
  expect(known.map((answer) => answer !== undefined)).toEqual([true, true, false]);
  await answers.keep(phones[0] as CheckedPhone, said(clock.ms, false));
  expect(await answers.read(phones[0] as CheckedPhone)).toMatchObject({ allow: false });
  const [key = ''] = await redis.keys(`{lf:check:${phone.checkId}}*`);
  expect(await redis.hlen(key)).toBe(2);
  const leftMs = await redis.pttl(key);
  expect(leftMs).toBeGreaterThan(0);
  expect(leftMs).toBeLessThanOrEqual(2 * HOUR_MS);
});

test('without Redis nothing is known, and nothing is kept', async () => {
  const own = await startTestRedis();
  onTestFinished(() => own.stop());
  const connection = connectRedis(own.url, 'requests', () => {});
  onTestFinished(() => closeRedis(connection));
  await whenReady(connection, 30_000);
  const answers = createKeptAnswers(connection, () => 100 * HOUR_MS);
  await answers.keep(phone, said(100 * HOUR_MS));
  expect(await answers.read(phone)).toBeDefined();
  await own.stop();
  expect(await answers.read(phone).catch(() => undefined)).toBeUndefined();
  await answers.keep(phone, said(100 * HOUR_MS)).catch(() => undefined);
});
