import type { RateWindow } from '@live-feed/core/directory/dialer-settings';
import { bucketFor, JITTER_MS, UNLIMITED } from '@live-feed/core/limits/rate-windows';
import { createRateWindows } from '@live-feed/dialer-simulator/api/rate-windows';
import { bucketKey, type DialerAddress, dialerAddress } from '@live-feed/queue/limits/dialer-address';
import { createDialerHealth } from '@live-feed/queue/limits/dialer-health';
import { createPermits, isFresh, type Permit, type PermitAnswer } from '@live-feed/queue/limits/permits';
import { closeRedis, connectRedis, type Redis, whenReady } from '@live-feed/queue/redis/redis';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { startTestRedis, useRedis } from '../kit/services/redis.ts';
import { waitFor } from '../kit/wait-for.ts';

const RINGCX: readonly RateWindow[] = [
  { requests: 30, perMs: 10_000 },
  { requests: 120, perMs: 60_000 },
];
const bucket = bucketFor(RINGCX);
/** Rounded up to whole microseconds. */
const INTERVAL_US = 555_556;

const service = useRedis();
let redis: Redis;

/** Each test's own account, and time as it sets it. */
let address: DialerAddress;
let accounts = 0;
let nowMs: number;
const clock = { now: () => nowMs };

beforeAll(async () => {
  redis = await connected();
});
afterAll(() => closeRedis(redis));

beforeEach(() => {
  address = newAddress();
  nowMs = 1_800_000_000_000;
});

function newAddress(): DialerAddress {
  accounts += 1;
  const baseUrl = 'https://ringcx.example/voice/api';
  return dialerAddress({ id: `dialer-${accounts}`, baseUrl, accountId: `account-${accounts}` });
}

async function connected(url = service.url): Promise<Redis> {
  const connection = connectRedis(url, 'requests', () => {});
  await whenReady(connection, 30_000);
  return connection;
}

const drivenPermits = () => createPermits(redis, 'upload', clock);

/** Takes until it is told to wait. */
async function drain(permits = drivenPermits()): Promise<{ granted: Permit[]; refusal: PermitAnswer }> {
  const granted: Permit[] = [];
  for (;;) {
    const answer = await permits.take(address, bucket);
    if (answer.kind !== 'granted') return { granted, refusal: answer };
    granted.push(answer.permit);
  }
}

async function fill() {
  await drain();
  nowMs += 3_600_000;
}

describe('a bucket in Redis', () => {
  it('starts with one permit, so that a Redis that lost everything cannot burst', async () => {
    expect((await drain()).granted).toHaveLength(1);
  });

  it('holds the whole burst after a rest', async () => {
    await fill();
    expect((await drain()).granted).toHaveLength(bucket.burst);
  });

  it('says when the next permit can be had, to the millisecond', async () => {
    const { refusal } = await drain();
    expect(refusal).toEqual({ kind: 'wait', waitMs: 556 });
    nowMs += 555;
    expect((await drain()).granted).toHaveLength(0);
    nowMs += 1;
    expect((await drain()).granted).toHaveLength(1);
  });

  it('reserves nothing for a worker that has to wait', async () => {
    await drain();
    for (let asked = 0; asked < 50; asked += 1) await drivenPermits().take(address, bucket);
    nowMs += 556;
    expect((await drain()).granted).toHaveLength(1);
  });

  it('gives 1.8 permits a second in the long run', async () => {
    await drain();
    let granted = 0;
    for (let at = 0; at < 1_000; at += 1) {
      nowMs += 100;
      granted += (await drain()).granted.length;
    }
    expect(granted).toBe(180 - 1);
  });

  it('is empty, not shut, after the clock was set back', async () => {
    await fill();
    await drain();
    nowMs -= 3_600_000;
    expect((await drain()).refusal).toEqual({ kind: 'wait', waitMs: 556 });
    nowMs += 556;
    expect((await drain()).granted).toHaveLength(1);
  });

  it('is empty once another server has taken over, which may lack the last permits', async () => {
    const own = await startTestRedis({ appendonly: true });
    onTestFinished(() => own.stop());
    const before = await connected(own.url);
    const permits = createPermits(before, 'upload', clock);
    await drain(permits);
    nowMs += 3_600_000;
    expect((await permits.take(address, bucket)).kind).toBe('granted');
    await closeRedis(before);
    await own.restart();
    const after = await connected(own.url);
    onTestFinished(() => closeRedis(after));
    const permitsNow = createPermits(after, 'upload', clock);
    expect(await permitsNow.take(address, bucket)).toEqual({ kind: 'wait', waitMs: 556 });
    nowMs += 556;
    expect((await drain(permitsNow)).granted).toHaveLength(1);
    nowMs += 3_600_000;
    expect((await drain(permitsNow)).granted).toHaveLength(bucket.burst);
  });

  it('is still known to be of this server after a week of use', async () => {
    await fill();
    const key = bucketKey(address, 'upload');
    await redis.pexpire(`${key}:server`, 60_000);
    expect((await drain()).granted).toHaveLength(bucket.burst);
    expect(await redis.pttl(`${key}:server`)).toBeGreaterThan(await redis.pttl(key));
  });

  it('is one for two dialers that share an account, and another for each other account and operation', async () => {
    await drain();
    const companion = { ...address, dialerId: 'of another company' };
    expect((await drivenPermits().take(companion, bucket)).kind).toBe('wait');
    expect((await drivenPermits().take(newAddress(), bucket)).kind).toBe('granted');
    const readBack = createPermits(redis, 'read-back', clock);
    expect((await readBack.take(address, bucket)).kind).toBe('granted');
  });

  it('is forgotten when nobody comes back to it', async () => {
    await drain();
    expect(await redis.pttl(bucketKey(address, 'upload'))).toBeGreaterThan(3_600_000);
  });

  it('is not looked at where nothing limits', async () => {
    for (let at = 0; at < 100; at += 1) {
      const answer = await drivenPermits().take(address, UNLIMITED);
      expect(answer.kind).toBe('granted');
      if (answer.kind === 'granted') expect(await drivenPermits().giveBack(answer.permit)).toBe(true);
    }
    expect(await redis.exists(bucketKey(address, 'upload'))).toBe(0);
  });

  it('works after Redis was restarted and knows no script', async () => {
    await redis.script('FLUSH');
    expect((await drain()).granted).toHaveLength(1);
  });
});

describe('a permit that was not used', () => {
  it('can be had again at once', async () => {
    const { granted } = await drain();
    for (const permit of granted) expect(await drivenPermits().giveBack(permit)).toBe(true);
    expect((await drain()).granted).toHaveLength(1);
  });

  it('leaves the bucket as it was, however often one is taken and given back', async () => {
    await fill();
    for (let at = 0; at < 50; at += 1) {
      const answer = await drivenPermits().take(address, bucket);
      if (answer.kind !== 'granted') throw new Error('There is a permit, since each was given back.');
      nowMs += 7;
      expect(await drivenPermits().giveBack(answer.permit)).toBe(true);
    }
    expect((await drain()).granted).toHaveLength(bucket.burst);
  });

  it('is given back under load although others came after it', async () => {
    await fill();
    const { granted } = await drain();
    const [, , third] = granted;
    if (third === undefined) throw new Error('The burst is larger than that.');
    expect(await drivenPermits().giveBack(third)).toBe(true);
    expect((await drain()).granted).toHaveLength(1);
  });

  it('is lost rather than granted twice once the bucket has been full in between', async () => {
    await fill();
    const first = await drivenPermits().take(address, bucket);
    nowMs += 400;
    await drivenPermits().take(address, bucket);
    if (first.kind !== 'granted') throw new Error('The bucket was full.');
    expect(await drivenPermits().giveBack(first.permit)).toBe(false);
  });

  it('is nothing to a Redis that has lost everything since', async () => {
    const { granted } = await drain();
    await redis.flushall();
    const [permit] = granted;
    if (permit === undefined) throw new Error('There was one permit.');
    expect(await drivenPermits().giveBack(permit)).toBe(false);
    expect((await drain()).granted).toHaveLength(1);
  });
});

describe('the windows', () => {
  type Step = { readonly restMs: number; readonly delayMs: number; readonly use: boolean };
  const steps: fc.Arbitrary<readonly Step[]> = fc.array(
    fc.record({
      restMs: fc.oneof(
        { weight: 8, arbitrary: fc.integer({ min: 0, max: 600 }) },
        { weight: 1, arbitrary: fc.integer({ min: 0, max: 20_000 }) },
      ),
      delayMs: fc.oneof(fc.constantFrom(0, JITTER_MS), fc.integer({ min: 0, max: JITTER_MS })),
      use: fc.oneof(
        { weight: 4, arbitrary: fc.constant(true) },
        { weight: 1, arbitrary: fc.constant(false) },
      ),
    }),
    { minLength: 50, maxLength: 150, size: 'max' },
  );

  it('are never broken, with delays up to J and permits given back in any order', async () => {
    const permits = drivenPermits();
    await fc.assert(
      fc.asyncProperty(steps, async (taken) => {
        address = newAddress();
        await fill();
        const arrivedMs: number[] = [];
        let unused: Permit[] = [];
        for (const { restMs, delayMs, use } of taken) {
          nowMs += restMs;
          if (restMs % 3 === 0) {
            for (const permit of unused) await permits.giveBack(permit);
            unused = [];
          }
          const answer = await permits.take(address, bucket);
          if (answer.kind !== 'granted') nowMs += answer.waitMs;
          else if (use) arrivedMs.push(nowMs + delayMs);
          else unused.push(answer.permit);
        }
        const judge = createRateWindows(RINGCX);
        const excess = arrivedMs.sort((a, b) => a - b).filter((atMs) => judge.take('it', atMs) !== null);
        expect(excess).toEqual([]);
      }),
      { numRuns: 60 },
    );
  });

  it('are kept by many takers at once, on Redis’ own clock', async () => {
    const connections = await Promise.all(Array.from({ length: 8 }, () => connected()));
    try {
      const answers = await Promise.all(
        connections.flatMap((connection) => {
          const permits = createPermits(connection, 'upload');
          return Array.from({ length: 100 }, () => permits.take(address, bucket));
        }),
      );
      const granted = answers.flatMap((answer) => (answer.kind === 'granted' ? [answer.permit] : []));
      expect(granted.length).toBeGreaterThan(0);
      // Each permit moves the timestamp on by one interval from where the one before left it, or from later.
      const order = granted.sort((a, b) => a.afterUs - b.afterUs);
      for (const [at, permit] of order.entries()) {
        const earlier = order[at - 1];
        if (earlier !== undefined)
          expect(permit.afterUs - earlier.afterUs).toBeGreaterThanOrEqual(INTERVAL_US);
      }
      expect(Number(await redis.get(bucketKey(address, 'upload')))).toBe(order.at(-1)?.afterUs);
      for (const answer of answers) {
        if (answer.kind !== 'granted') expect(answer.waitMs).toBeLessThanOrEqual(556);
      }
    } finally {
      await Promise.all(connections.map((connection) => closeRedis(connection)));
    }
  });
});

describe('a held dialer', () => {
  it('gets no permit, and takes none from those it shares its account with', async () => {
    const health = createDialerHealth(redis);
    await health.failed(address, 'token_refused');
    const answer = await drivenPermits().take(address, bucket);
    expect(answer.kind).toBe('held');
    expect(await redis.exists(bucketKey(address, 'upload'))).toBe(0);
    const companion = { ...address, dialerId: 'of another company' };
    expect(await drivenPermits().take(companion, bucket)).toMatchObject({ kind: 'granted', troubled: false });
  });

  it('is held where nothing limits, too', async () => {
    await createDialerHealth(redis).throttled(address, 30_000);
    expect((await drivenPermits().take(address, UNLIMITED)).kind).toBe('held');
  });

  it('may still be asked what it has', async () => {
    await createDialerHealth(redis).throttled(address, 30_000);
    expect((await createPermits(redis, 'read-back', clock).take(address, bucket)).kind).toBe('granted');
  });
});

describe('a permit of a dialer in trouble', () => {
  it('says that a success is news, and from five failures on that it is for a probe', async () => {
    const health = createDialerHealth(redis);
    const said = async () => {
      nowMs += 1_000;
      const answer = await drivenPermits().take(address, bucket);
      return answer.kind === 'granted' && { probing: answer.probing, troubled: answer.troubled };
    };
    expect(await said()).toEqual({ probing: false, troubled: false });
    await health.failed(address, 'failing');
    expect(await said()).toEqual({ probing: false, troubled: true });
    for (let failures = 1; failures < 5; failures += 1) await health.failed(address, 'failing');
    expect(await said()).toBe(false);
    // `succeeded` ends the hold as well; its own end leaves the failures.
    await redis.del((await redis.keys('*:hold:*')).filter((key) => key.endsWith(address.dialerId)));
    expect(await said()).toEqual({ probing: true, troubled: true });
    await health.succeeded(address);
    expect(await said()).toEqual({ probing: false, troubled: false });
    await health.failed(address, 'token_refused');
    await redis.del((await redis.keys('*:hold:*')).filter((key) => key.endsWith(address.dialerId)));
    expect(await said()).toEqual({ probing: true, troubled: true });
    await health.succeeded(address);
    expect(await said()).toEqual({ probing: false, troubled: false });
  });
});

describe('without Redis', () => {
  it('there are no permits, and nobody waits to hear so', async () => {
    const server = await startTestRedis();
    const connection = await connected(server.url);
    const permits = createPermits(connection, 'upload');
    const answer = await permits.take(address, bucket);
    await server.stop();
    await waitFor(() =>
      permits.take(address, bucket).then(
        () => false,
        () => true,
      ),
    );
    if (answer.kind === 'granted') await expect(permits.giveBack(answer.permit)).rejects.toThrow();
    await closeRedis(connection);
  });
});

describe('isFresh', () => {
  it('is true until half a second after Redis was asked', () => {
    const permit = (elapsedMs: number): Permit => {
      return { age: { elapsedMs: () => elapsedMs }, key: 'k', beforeUs: 0, afterUs: 1 };
    };
    expect([0, 499.9, 500, 9_000].map((ms) => isFresh(permit(ms)))).toEqual([true, true, false, false]);
  });
});
