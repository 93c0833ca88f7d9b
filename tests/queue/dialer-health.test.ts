import { type DialerAddress, dialerAddress, dialerKeys } from '@live-feed/queue/limits/dialer-address';
import {
  createDialerHealth,
  type DialerHealth,
  type NotedTrouble,
} from '@live-feed/queue/limits/dialer-health';
import { closeRedis, connectRedis, type Redis } from '@live-feed/queue/redis/redis';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { useRedis } from '../kit/services/redis.ts';

const service = useRedis();
let redis: Redis;
let health: DialerHealth;

/** Each test's own dialer. */
let address: DialerAddress;
let dialers = 0;

beforeAll(() => {
  redis = connectRedis(service.url, 'jobs', () => {});
  health = createDialerHealth(redis);
});
afterAll(() => closeRedis(redis));

beforeEach(() => {
  address = newAddress();
});

function newAddress(accountId = 'shared'): DialerAddress {
  dialers += 1;
  return dialerAddress({ id: `dialer-${dialers}`, baseUrl: 'https://ringcx.example/voice/api', accountId });
}

/** As Redis does when its time has come. */
async function endHold() {
  expect(await redis.del(dialerKeys(address).hold)).toBe(1);
}

/** @returns what each report says, every hold having ended before the next */
async function reports(count: number, report: () => Promise<NotedTrouble>): Promise<number[]> {
  const heldForMs: number[] = [];
  for (let at = 0; at < count; at += 1) {
    heldForMs.push((await report()).heldForMs);
    if (heldForMs.at(-1) !== 0) await endHold();
  }
  return heldForMs;
}

const healthy = { heldForMs: 0, heldUntil: null, reason: null, note: null, failures: 0, probing: false };

describe('a dialer that fails', () => {
  it('is held from the fifth failure in a row, for 1 s, 2 s, 4 s … 30 s', async () => {
    expect(await reports(12, () => health.failed(address, 'failing'))).toEqual([
      ...[0, 0, 0, 0],
      ...[1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000],
    ]);
  });

  it('probes with one lead at a time once its hold has ended', async () => {
    await reports(4, () => health.failed(address, 'failing'));
    expect(await health.describe(address)).toEqual({ ...healthy, failures: 4 });
    await reports(1, () => health.failed(address, 'failing'));
    expect(await health.describe(address)).toEqual({ ...healthy, failures: 5, probing: true });
  });

  it('is not held longer by uploads that were under way when its hold began', async () => {
    await reports(4, () => health.failed(address, 'failing'));
    const heldForMs = await Promise.all(Array.from({ length: 8 }, () => health.failed(address, 'failing')));
    for (const noted of heldForMs) expect(noted.heldForMs).toBeLessThanOrEqual(1_000);
    expect(heldForMs.filter(({ begun }) => begun)).toHaveLength(1);
    expect((await health.describe(address)).failures).toBe(5);
  });

  it('starts again from nothing after a success', async () => {
    await reports(7, () => health.failed(address, 'failing'));
    await health.failed(address, 'failing');
    await health.succeeded(address);
    expect(await health.describe(address)).toEqual(healthy);
    expect(await reports(5, () => health.failed(address, 'failing'))).toEqual([0, 0, 0, 0, 1_000]);
  });

  it('tells people why it is held, and until when', async () => {
    await health.throttled(address, 60_000);
    const [seconds] = await redis.time();
    const { reason, heldForMs, heldUntil } = await health.describe(address);
    expect(reason).toBe('throttled');
    expect(heldForMs).toBeGreaterThan(0);
    expect(heldUntil?.getTime()).toBeGreaterThan(Number(seconds) * 1_000);
  });
});

describe('a dialer whose token is refused', () => {
  it('is held at once, and as long as any other that goes on failing', async () => {
    expect(await reports(7, () => health.failed(address, 'token_refused'))).toEqual([
      1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000,
    ]);
  });

  it('says so, and counts one failure for each probe that is refused', async () => {
    await health.failed(address, 'token_refused');
    expect(await health.describe(address)).toMatchObject({
      reason: 'token_refused',
      probing: true,
      failures: 1,
    });
    await endHold();
    await reports(2, () => health.failed(address, 'token_refused'));
    expect(await health.describe(address)).toMatchObject({ probing: true, failures: 3 });
  });

  it('begins no hold while another stands: nothing is counted that no hold began for', async () => {
    await health.hold(address, 600_000, 'maintenance');
    for (const kind of ['token_refused', 'failing'] as const) {
      expect((await health.failed(address, kind)).begun).toBe(false);
    }
    expect((await health.throttled(address, 30_000)).begun).toBe(false);
  });
});

describe('a dialer that throttles', () => {
  it('is held for as long as it asked, a minute at most', async () => {
    const asked = [500, 700.5, 12_000, 3_600_000];
    for (const [at, expected] of [500, 701, 12_000, 60_000].entries()) {
      expect(await health.throttled(address, asked[at])).toEqual({ heldForMs: expected, begun: true });
      await endHold();
    }
  });

  it.each([undefined, 0, -5_000])('is held longer each time if it named %s', async (retryAfterMs) => {
    expect(await reports(7, () => health.throttled(address, retryAfterMs))).toEqual([
      1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000,
    ]);
  });

  it('does not probe: it is well, only busy', async () => {
    await health.throttled(address, 5_000);
    expect(await health.describe(address)).toMatchObject({ failures: 0, probing: false });
  });

  it('is held until then even if an upload that was under way succeeds', async () => {
    await health.throttled(address, 30_000);
    await health.succeeded(address);
    expect((await health.describe(address)).reason).toBe('throttled');
  });

  it('starts its backoff again from nothing after a success', async () => {
    await reports(3, () => health.throttled(address, undefined));
    await health.succeeded(address);
    expect(await reports(1, () => health.throttled(address, undefined))).toEqual([1_000]);
  });
});

describe('a dialer that ops hold', () => {
  it('says why, and for how long', async () => {
    await health.hold(address, 1_800_000, 'maintenance');
    const standing = await health.describe(address);
    expect(standing).toMatchObject({ reason: 'ops', note: 'maintenance', failures: 0, probing: false });
    expect(standing.heldForMs).toBeGreaterThan(1_700_000);
  });

  it('stays held when an upload that was under way succeeds or fails', async () => {
    await health.hold(address, 600_000, 'maintenance');
    await health.succeeded(address);
    await health.failed(address, 'token_refused');
    await health.throttled(address, 1_000);
    expect(await health.describe(address)).toMatchObject({ reason: 'ops', note: 'maintenance', failures: 0 });
  });

  it('is held for as long as they said last', async () => {
    await health.hold(address, 600_000, 'first');
    await health.hold(address, 60_000, 'second');
    const standing = await health.describe(address);
    expect(standing.note).toBe('second');
    expect(standing.heldForMs).toBeLessThanOrEqual(60_000);
  });

  it('stays held for longer if its dialing system asked for longer', async () => {
    await health.throttled(address, 50_000);
    await health.hold(address, 1_000, 'short');
    expect(await health.describe(address)).toMatchObject({ reason: 'throttled', note: null });
  });

  it('is as new once they release it, whatever held it', async () => {
    await reports(5, () => health.failed(address, 'failing'));
    await health.hold(address, 600_000, 'maintenance');
    await health.release(address);
    expect(await health.describe(address)).toEqual(healthy);
    await health.throttled(address, 30_000);
    await health.release(address);
    expect(await health.describe(address)).toEqual(healthy);
  });
});

describe('a look that costs one command', () => {
  it('passes over a dialer of which there is nothing to tell, and no other', async () => {
    expect(await health.isTroubled(address)).toBe(false);
    await health.hold(address, 60_000, 'maintenance');
    expect(await health.isTroubled(address)).toBe(true);
    await health.release(address);
    await health.failed(address, 'token_refused');
    await endHold();
    expect(await health.describe(address)).toMatchObject({ probing: true });
    expect(await health.isTroubled(address)).toBe(true);
    await health.succeeded(address);
    expect(await health.isTroubled(address)).toBe(false);
  });
});

describe('two holds', () => {
  it('last as long as the longer of the two', async () => {
    await health.throttled(address, 30_000);
    await health.throttled(address, 2_000);
    expect(await redis.pttl(dialerKeys(address).hold)).toBeGreaterThan(2_000);
    await health.throttled(address, 60_000);
    expect(await redis.pttl(dialerKeys(address).hold)).toBeGreaterThan(30_000);
  });

  it('do not cut what was asked for short by a failure', async () => {
    await health.throttled(address, 50_000);
    await Promise.all(Array.from({ length: 6 }, () => health.failed(address, 'failing')));
    await health.failed(address, 'token_refused');
    expect((await health.describe(address)).reason).toBe('throttled');
    expect(await redis.pttl(dialerKeys(address).hold)).toBeGreaterThan(30_000);
  });
});

describe('troubles', () => {
  it('are a dialer’s own, even where two share an account', async () => {
    await health.failed(address, 'token_refused');
    expect(await health.describe(newAddress())).toEqual(healthy);
  });

  it('are counted once each, even if several report at the same time', async () => {
    const others = [1, 2].map(() => connectRedis(service.url, 'jobs', () => {}));
    try {
      const reporters = [redis, ...others].map(createDialerHealth);
      const failing = reporters.map((reporter) => reporter.failed(address, 'failing'));
      expect((await Promise.all(failing)).map(({ heldForMs }) => heldForMs)).toEqual([0, 0, 0]);
      expect((await health.describe(address)).failures).toBe(3);
    } finally {
      await Promise.all(others.map((other) => closeRedis(other)));
    }
  });

  it('are all forgotten in the end', async () => {
    await health.failed(address, 'failing');
    const { hold, troubles } = dialerKeys(address);
    expect(await redis.pttl(troubles)).toBeGreaterThan(60_000);
    await health.failed(address, 'token_refused');
    expect(await redis.pttl(hold)).toBeGreaterThan(0);
  });

  it('hold nobody after Redis has lost everything', async () => {
    await health.throttled(address, 60_000);
    await redis.flushall();
    expect(await health.describe(address)).toEqual(healthy);
    expect(await health.failed(address, 'failing')).toEqual({ heldForMs: 0, begun: false });
  });
});

describe('the keys of an account', () => {
  it('share one hash tag, whatever its names contain', () => {
    const odd = dialerAddress({ id: 'd', baseUrl: 'not a url', accountId: 'a}b{c' });
    const tags = Object.values(dialerKeys(odd)).map((key) => /\{(.*?)\}/.exec(key)?.[1]);
    expect(new Set(tags)).toEqual(new Set(['lf:account:not%20a%20url/a%7Db%7Bc']));
  });
});
