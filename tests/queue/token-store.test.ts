import { randomBytes, randomUUID } from 'node:crypto';
import { createKeyring } from '@live-feed/core/crypto/sealing';
import type { SignInClaim, TokenStore } from '@live-feed/core/directory/token-store';
import { closeRedis, connectRedis, type Redis, whenReady } from '@live-feed/queue/redis/redis';
import { createTokenStore } from '@live-feed/queue/sign-in/token-store';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { useRedis } from '../kit/services/redis.ts';
import { waitFor } from '../kit/wait-for.ts';

const service = useRedis();
const keyring = createKeyring({ current: 'k1', keys: { k1: randomBytes(32) } });
let redis: Redis;
let store: TokenStore;
let name: string;

beforeAll(async () => {
  redis = connectRedis(service.url, 'requests', () => {});
  await whenReady(redis, 30_000);
  store = createTokenStore(redis, keyring);
});
afterAll(() => closeRedis(redis));
beforeEach(() => {
  name = store.nameOf(randomUUID());
});

async function claimed(): Promise<SignInClaim> {
  const claim = await store.claim(name, 10_000);
  return claim ?? expect.fail('somebody else has the claim');
}

const keys = () => redis.keys(`{lf:sign-in:${name}}:*`);

describe('the token', () => {
  test('is there for all once it is published, with what is left of its life', async () => {
    const claim = await claimed();
    await claim.publish({ token: 'secret-token', lifeMs: 300_000, leftMs: 200_000 });
    const { token, trouble } = await createTokenStore(redis, keyring).read(name);
    expect(token).toMatchObject({ token: 'secret-token', lifeMs: 300_000 });
    expect(token?.leftMs).toBeGreaterThan(100_000);
    expect(token?.leftMs).toBeLessThanOrEqual(200_000);
    expect(trouble).toBeUndefined();
  });

  test('is forgotten if it is still that one', async () => {
    const first = await (await claimed()).publish({ token: 'first', lifeMs: 1_000, leftMs: 60_000 });
    const second = await (await claimed()).publish({ token: 'second', lifeMs: 1_000, leftMs: 60_000 });
    await store.forget(name, first.id);
    expect((await store.read(name)).token?.token).toBe('second');
    await store.forget(name, second.id);
    expect((await store.read(name)).token).toBeUndefined();
  });

  test('that another process has sealed with a key that this one lacks is as good as absent', async () => {
    await (await claimed()).publish({ token: 'sealed', lifeMs: 1_000, leftMs: 60_000 });
    const other = createKeyring({ current: 'k2', keys: { k2: randomBytes(32) } });
    expect((await createTokenStore(redis, other).read(name)).token).toBeUndefined();
  });

  test('has no more left than it lives, although the clock of Redis was set back', async () => {
    await (await claimed()).publish({ token: 'late', lifeMs: 1_000, leftMs: 3_600_000 });
    expect((await store.read(name)).token?.leftMs).toBe(1_000);
  });
});

describe('the claim', () => {
  test("is one process' at a time", async () => {
    const claim = await claimed();
    expect(await store.claim(name, 10_000)).toBeUndefined();
    expect(await claim.extend(20_000)).toBe(true);
    await claim.release();
    const next = await store.claim(name, 10_000);
    expect(next).toBeDefined();
    expect(await claim.extend(10_000)).toBe(false);
    await claim.release();
    expect(await store.claim(name, 10_000)).toBeUndefined();
  });

  test('that has been lost tells nothing, and shares no token', async () => {
    const lost = await claimed();
    await redis.del(`{lf:sign-in:${name}}:claim`);
    await (await claimed()).publish({ token: 'newer', lifeMs: 300_000, leftMs: 300_000 });
    await lost.fail({ kind: 'throttled', reason: 'HTTP 429' }, 3_600_000);
    await lost.publish({ token: 'older', lifeMs: 300_000, leftMs: 300_000 });
    const { token, trouble } = await store.read(name);
    expect([token?.token, trouble]).toEqual(['newer', undefined]);
  });

  test('ends by itself', async () => {
    await store.claim(name, 50);
    await waitFor(() => store.claim(name, 10_000), {
      what: 'the claim of a process that is gone',
      timeoutMs: 10_000,
    });
  });

  test('with more time left than is given is from before the clock of Redis was set back', async () => {
    await store.claim(name, 3_600_000);
    expect(await store.claim(name, 10_000)).toBeDefined();
  });
});

describe('what signing in leaves', () => {
  test('a refresh token is had once', async () => {
    const claim = await claimed();
    await claim.keepRefreshToken('refresh', 60_000);
    expect(await claim.takeRefreshToken()).toBe('refresh');
    expect(await claim.takeRefreshToken()).toBeUndefined();
  });

  test('trouble is told to all, until a token is published', async () => {
    await (await claimed()).fail({ kind: 'refused', reason: 'HTTP 400', httpStatus: 400 }, 30_000);
    expect((await store.read(name)).trouble).toMatchObject({ kind: 'refused', httpStatus: 400 });
    await (await claimed()).publish({ token: 'good', lifeMs: 1_000, leftMs: 60_000 });
    expect((await store.read(name)).trouble).toBeUndefined();
  });

  test('nothing is readable, and everything expires', async () => {
    const claim = await claimed();
    await claim.keepRefreshToken('secret-refresh', 60_000);
    await claim.keepPlatformToken('secret-platform', 60_000);
    await claim.takeExchange(4);
    await claim.publish({ token: 'secret-access', lifeMs: 1_000, leftMs: 60_000 });
    await (await claimed()).fail({ kind: 'failing', reason: 'HTTP 500' }, 30_000);
    const present = await keys();
    expect(present.length).toBeGreaterThanOrEqual(6);
    for (const key of present) expect(await redis.pttl(key)).toBeGreaterThan(0);
    const texts = await Promise.all(present.map((key) => redis.dump(key)));
    expect(texts.join()).not.toContain('secret-');
  });
});

describe('exchanges', () => {
  test('so many in a minute, and one that was not made is given back', async () => {
    const claim = await claimed();
    const taken = [await claim.takeExchange(2), await claim.takeExchange(2)];
    expect(taken).toMatchObject([
      { kind: 'granted', count: 1 },
      { kind: 'granted', count: 2 },
    ]);
    const third = await claim.takeExchange(2);
    expect(third.kind === 'wait' && third.waitMs).toBeGreaterThan(50_000);
    // People have one more.
    expect(await claim.takeExchange(3)).toMatchObject({ kind: 'granted' });
    const [first] = taken;
    if (first?.kind === 'granted') await first.giveBack();
    expect(await claim.takeExchange(3)).toMatchObject({ kind: 'granted' });
    expect(await claim.takeExchange(3)).toMatchObject({ kind: 'wait' });
  });

  test('noted in the future, before the clock of Redis was set back, they count as now and no longer', async () => {
    const claim = await claimed();
    await redis.rpush(`{lf:sign-in:${name}}:exchanges`, `${Date.now() + 3_600_000}-1`);
    const answer = await claim.takeExchange(1);
    expect(answer.kind === 'wait' && answer.waitMs).toBeLessThanOrEqual(62_000);
    expect(await claim.takeExchange(2)).toMatchObject({ kind: 'granted' });
  });
});
