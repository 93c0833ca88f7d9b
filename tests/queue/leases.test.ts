import { createDialerAnnouncer } from '@live-feed/queue/leases/dialer-announcer';
import { createHeartbeatWatch } from '@live-feed/queue/leases/heartbeat-watch';
import { createLeaseRegistry, nextNotices } from '@live-feed/queue/leases/lease-registry';
import { createLeases, type Leases } from '@live-feed/queue/leases/leases';
import { closeRedis, connectRedis, type Redis, whenReady } from '@live-feed/queue/redis/redis';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { runScript } from '../kit/processes/script.ts';
import { useRedis } from '../kit/services/redis.ts';
import { waitFor } from '../kit/wait-for.ts';

const REGISTRY = '{lf:lanes}:board';
const NOTICES = '{lf:lanes}:notices';
/** So long that no second heartbeat is sent. */
const NEVER_MS = 600_000;

const service = useRedis();
/** Stands for people and producers; no worker uses it. */
let redis: Redis;

interface ServedDialer {
  readonly dialerId: string;
  idleMs: number;
  /** How often it was told that there may be leads. */
  wakes: number;
  closed: boolean;
  /** While there is one, `close` waits for it: an upload under way. */
  upload: Promise<void>;
}

interface TestWorker {
  readonly id: string;
  readonly leases: Leases;
  /** Every dialer that it ever served, in order. */
  readonly opened: ServedDialer[];
  readonly errors: unknown[];
  readonly serving: () => string[];
  /** Cuts it off from Redis without notifying it. */
  vanish(): void;
  /** Gives it its connection back. */
  reappear(): Promise<void>;
  close(): Promise<void>;
}

const workers: TestWorker[] = [];

beforeAll(async () => {
  redis = connectRedis(service.url, 'requests', () => {});
  await whenReady(redis, 30_000);
});
afterAll(() => closeRedis(redis));
beforeEach(() => redis.flushall());
afterEach(async () => {
  await Promise.all(workers.splice(0).map((worker) => worker.close()));
});

async function startWorker(
  id: string,
  options: {
    heartbeatMs?: number;
    idleMs?: number;
    healthChecks?: false;
    onClaim?: (dialerId: string) => void;
  } = {},
): Promise<TestWorker> {
  const { heartbeatMs = 50, idleMs = NEVER_MS } = options;
  const commands = connectRedis(service.url, 'requests', () => {});
  const blocking = connectRedis(service.url, 'stream', () => {});
  await Promise.all([commands, blocking].map((connection) => whenReady(connection, 30_000)));
  if (options.healthChecks === false) for (const { health } of [redis, commands, blocking]) health.stop();
  const opened: ServedDialer[] = [];
  const errors: unknown[] = [];
  const leases = createLeases({
    redis: commands,
    blockingRedis: blocking,
    workerId: id,
    heartbeatMs,
    idleMs,
    onError: (error) => errors.push(error),
    onClaim(dialerId) {
      options.onClaim?.(dialerId);
      const dialer: ServedDialer = {
        dialerId,
        idleMs: 0,
        wakes: 0,
        closed: false,
        upload: Promise.resolve(),
      };
      opened.push(dialer);
      return {
        idleForMs: () => dialer.idleMs,
        wake() {
          dialer.wakes += 1;
        },
        async close() {
          await dialer.upload;
          dialer.closed = true;
        },
      };
    },
  });
  let closed: Promise<void> | undefined;
  const worker: TestWorker = {
    id,
    leases,
    opened,
    errors,
    serving: () => opened.filter((dialer) => !dialer.closed).map(({ dialerId }) => dialerId),
    vanish() {
      commands.disconnect();
      blocking.disconnect();
    },
    async reappear() {
      await Promise.all([commands.connect(), blocking.connect()]);
    },
    close() {
      closed ??= leases
        .close()
        .then(() => Promise.all([commands, blocking].map((it) => closeRedis(it))).then());
      return closed;
    },
  };
  workers.push(worker);
  await waitFor(async () => (await redis.hexists(REGISTRY, `worker:${id}`)) === 1);
  return worker;
}

function announce(...dialerIds: string[]) {
  const announcer = createDialerAnnouncer(redis, () => {});
  for (const dialerId of dialerIds) announcer.announce(dialerId);
}

const names = (count: number) => Array.from({ length: count }, (_, at) => `dialer-${at}`);
const counts = (...some: TestWorker[]) => some.map((worker) => worker.serving().length);
const owner = (dialerId: string) => redis.hget(REGISTRY, `lane:${dialerId}`);
const heartbeatsOf = async ({ id }: TestWorker) => Number(await redis.hget(REGISTRY, `worker:${id}`));

/** Each dialer is served exactly once, by the worker that the registry names. */
async function settled(dialerIds: readonly string[], ...some: TestWorker[]): Promise<boolean> {
  const served = some.flatMap((worker) => worker.serving().map((dialerId) => `${dialerId} ${worker.id}`));
  const registered = await Promise.all(
    dialerIds.map(async (dialerId) => `${dialerId} ${await owner(dialerId)}`),
  );
  return served.length === registered.length && registered.every((line) => served.includes(line));
}

describe('a lease', () => {
  it('is claimed on the notice of the first lead, not by the next heartbeat', async () => {
    const worker = await startWorker('a', { heartbeatMs: NEVER_MS });
    announce('dialer-1');
    await waitFor(() => worker.serving().includes('dialer-1'));
    expect(await owner('dialer-1')).toBe('a');
    expect(worker.leases.count()).toBe(1);
  });

  it('is claimed by one of many workers', async () => {
    const some = await Promise.all(['a', 'b', 'c'].map((id) => startWorker(id)));
    const dialers = names(30);
    announce(...dialers);
    await waitFor(() => settled(dialers, ...some));
  });

  it('costs its producer two scripts, however many leads come at once', async () => {
    const announcer = createDialerAnnouncer(redis, () => {});
    await redis.config('RESETSTAT');
    for (let lead = 0; lead < 1_000; lead += 1) announcer.announce('dialer-1');
    const calls = async () => Number(/cmdstat_zadd:calls=(\d+)/.exec(await redis.info('commandstats'))?.[1]);
    await waitFor(async () => (await calls()) === 2);
    announcer.announce('dialer-2');
    await waitFor(async () => (await calls()) === 3);
  });

  it('causes one notice, however often it is announced before a worker takes it', async () => {
    for (let producers = 0; producers < 5; producers += 1) announce('dialer-1');
    await waitFor(() => redis.hexists(REGISTRY, 'lane:dialer-1'));
    expect(await redis.zrange(NOTICES, 0, '-1')).toEqual(['dialer-1']);
  });

  it('wakes the worker that serves it', async () => {
    const some = await Promise.all(['a', 'b'].map((id) => startWorker(id)));
    const dialers = names(10);
    announce(...dialers);
    await waitFor(() => settled(dialers, ...some));
    const opened = some.flatMap((worker) => worker.opened).filter(({ dialerId }) => dialerId === 'dialer-3');
    const [served] = opened;
    expect(opened).toHaveLength(1);
    const before = served?.wakes ?? Number.NaN;
    announce('dialer-3');
    await waitFor(() => (served?.wakes ?? 0) > before);
  });

  it('is announced once Redis is back if it was away', async () => {
    const producing = connectRedis(service.url, 'requests', () => {});
    const errors: unknown[] = [];
    const announcer = createDialerAnnouncer(producing, (error) => errors.push(error));
    announcer.announce('dialer-1');
    await waitFor(() => errors.length === 1);
    await whenReady(producing, 30_000);
    await waitFor(() => redis.hexists(REGISTRY, 'lane:dialer-1'));
    await closeRedis(producing);
  });

  it('is found at once by a worker that is woken for its other dialers all the time', async () => {
    await redis.zadd(`${NOTICES}:a`, 0, 'dialer-1', 0, 'dialer-2');
    await redis.zadd(NOTICES, 0, 'dialer-3');
    expect(await nextNotices(redis, 'a', 1)).toEqual({
      own: ['dialer-1', 'dialer-2'],
      unowned: ['dialer-3'],
    });
  });

  it('is found by the next heartbeat when the notice was lost', async () => {
    const worker = await startWorker('a');
    await redis.hset(REGISTRY, 'lane:dialer-1', '');
    await waitFor(() => worker.serving().includes('dialer-1'));
  });

  it('waits for the first worker to start', async () => {
    announce('dialer-1');
    await waitFor(() => redis.hexists(REGISTRY, 'lane:dialer-1'));
    const worker = await startWorker('a');
    await waitFor(() => worker.serving().includes('dialer-1'));
  });

  it('that could not be opened is tried again', async () => {
    let failures = 0;
    const worker = await startWorker('a', {
      onClaim() {
        failures += 1;
        if (failures < 3) throw new Error('The dialer is not known here yet.');
      },
    });
    announce('dialer-1');
    await waitFor(() => worker.serving().includes('dialer-1'));
    expect(worker.errors).toHaveLength(2);
    expect(await owner('dialer-1')).toBe('a');
  });
});

describe('leases are balanced', () => {
  it('when a second and a third worker join, and leave', async () => {
    const dialers = names(12);
    const a = await startWorker('a');
    announce(...dialers);
    await waitFor(() => settled(dialers, a));
    const b = await startWorker('b');
    await waitFor(async () => `${counts(a, b)}` === '6,6' && (await settled(dialers, a, b)));
    const c = await startWorker('c');
    await waitFor(async () => `${counts(a, b, c)}` === '4,4,4' && (await settled(dialers, a, b, c)));
    await b.close();
    await waitFor(async () => `${counts(a, c)}` === '6,6' && (await settled(dialers, a, c)));
    await a.close();
    await waitFor(() => settled(dialers, c));
    expect(await redis.hkeys(REGISTRY)).not.toContain('worker:a');
  });

  it('and then stay where they are', async () => {
    const dialers = names(7);
    const [a, b] = [await startWorker('a'), await startWorker('b')];
    announce(...dialers);
    await waitFor(
      async () => Math.abs(a.serving().length - b.serving().length) === 1 && settled(dialers, a, b),
    );
    const opened = [...a.opened, ...b.opened].length;
    const heartbeats = await heartbeatsOf(a);
    await waitFor(async () => (await heartbeatsOf(a)) > heartbeats + 10);
    expect([...a.opened, ...b.opened]).toHaveLength(opened);
  });

  it('and are handed over between uploads only', async () => {
    const a = await startWorker('a');
    announce('dialer-1', 'dialer-2');
    await waitFor(() => a.serving().length === 2);
    let endUploads = () => {};
    const upload = new Promise<void>((resolve) => {
      endUploads = resolve;
    });
    for (const dialer of a.opened) dialer.upload = upload;
    const b = await startWorker('b');
    const heartbeats = await heartbeatsOf(b);
    await waitFor(async () => (await heartbeatsOf(b)) > heartbeats + 10);
    expect(counts(a, b)).toEqual([2, 0]);
    endUploads();
    await waitFor(async () => `${counts(a, b)}` === '1,1' && settled(['dialer-1', 'dialer-2'], a, b));
  });

  it('and no worker takes over uploads under way of one that is leaving', async () => {
    const [a, b] = [await startWorker('a'), await startWorker('b')];
    announce('dialer-1');
    await waitFor(() => a.serving().length + b.serving().length === 1);
    const [leaving, staying] = a.serving().length === 1 ? [a, b] : [b, a];
    let endUpload = () => {};
    const [dialer] = leaving.opened;
    if (dialer === undefined) throw new Error('It serves the dialer.');
    dialer.upload = new Promise<void>((resolve) => {
      endUpload = resolve;
    });
    const closed = leaving.close();
    const heartbeats = await heartbeatsOf(staying);
    await waitFor(async () => (await heartbeatsOf(staying)) > heartbeats + 10);
    expect(staying.serving()).toEqual([]);
    endUpload();
    await closed;
    await waitFor(() => settled(['dialer-1'], staying));
  });
});

describe('the leases of a dead worker', () => {
  it('are taken over within four heartbeats', async () => {
    const dialers = names(6);
    const [a, b, c] = [await startWorker('a'), await startWorker('b'), await startWorker('c')];
    announce(...dialers);
    await waitFor(async () => `${counts(a, b, c)}` === '2,2,2' && (await settled(dialers, a, b, c)));
    c.vanish();
    const heartbeats = (await heartbeatsOf(a)) + (await heartbeatsOf(b));
    await waitFor(async () => `${counts(a, b)}` === '3,3', { everyMs: 1 });
    // The read may come one heartbeat of each after the event.
    expect((await heartbeatsOf(a)) + (await heartbeatsOf(b))).toBeLessThanOrEqual(heartbeats + 2 * (4 + 1));
    expect(await redis.hexists(REGISTRY, 'worker:c')).toBe(0);
    await c.reappear();
    await waitFor(async () => `${counts(a, b, c)}` === '2,2,2' && (await settled(dialers, a, b, c)));
  });

  it('are given up by it if it was only paused', async () => {
    const stopped = await runScript(
      `
      const { createLeases } = await import('./packages/queue/src/leases/leases.ts');
      const { connectRedis } = await import('./packages/queue/src/redis/redis.ts');
      const connect = (role) => connectRedis(process.env.REDIS_URL, role, () => {});
      createLeases({
        redis: connect('requests'), blockingRedis: connect('stream'), workerId: 'stopped', heartbeatMs: 50,
        onError() {},
        onClaim(dialerId) {
          console.log('serves ' + dialerId);
          return { idleForMs: () => 0, close: async () => console.log('gave up ' + dialerId) };
        },
      });`,
      { env: { ...process.env, REDIS_URL: service.url } },
    );
    try {
      announce('dialer-1');
      expect(await stopped.nextLine()).toBe('serves dialer-1');
      const worker = await startWorker('a');
      process.kill(stopped.process.pid, 'SIGSTOP');
      await waitFor(() => worker.serving().includes('dialer-1'));
      process.kill(stopped.process.pid, 'SIGCONT');
      expect(await stopped.nextLine()).toBe('gave up dialer-1');
      expect(worker.serving()).toEqual(['dialer-1']);
    } finally {
      process.kill(stopped.process.pid, 'SIGKILL');
    }
  });
});

describe('an idle lease', () => {
  it('is given back', async () => {
    const worker = await startWorker('a', { idleMs: 10_000 });
    announce('dialer-1');
    await waitFor(() => worker.serving().length === 1);
    const [dialer] = worker.opened;
    if (dialer === undefined) throw new Error('It serves the dialer.');
    dialer.idleMs = 9_999;
    const heartbeats = await heartbeatsOf(worker);
    await waitFor(async () => (await heartbeatsOf(worker)) > heartbeats + 5);
    expect(worker.serving()).toEqual(['dialer-1']);
    dialer.idleMs = 10_000;
    await waitFor(() => dialer.closed);
    expect(await owner('dialer-1')).toBeNull();
    expect(worker.leases.count()).toBe(0);
    announce('dialer-1');
    await waitFor(() => worker.serving().length === 1);
  });

  it('is kept when a lead comes just as it is released', async () => {
    const worker = await startWorker('a', { idleMs: 10_000 });
    announce('dialer-1');
    await waitFor(() => worker.serving().length === 1);
    const [dialer] = worker.opened;
    if (dialer === undefined) throw new Error('It serves the dialer.');
    dialer.idleMs = 10_000;
    await waitFor(async () => (await owner('dialer-1')) === null, { everyMs: 1 });
    dialer.idleMs = 0;
    await waitFor(async () => (await owner('dialer-1')) === 'a');
    expect(worker.opened).toEqual([dialer]);
    expect(dialer.closed).toBe(false);
  });
});

describe('a worker', () => {
  /** All commands that Redis has carried out, those of scripts included. */
  async function commands(): Promise<number> {
    const calls = [...(await redis.info('commandstats')).matchAll(/cmdstat_[^:]+:calls=(\d+)/g)];
    return calls.reduce((sum, [, count]) => sum + Number(count), 0);
  }

  it('that has nothing to do makes fewer than five commands a second, beside the health checks of its connections', async () => {
    const heartbeatMs = 800;
    const worker = await startWorker('a', { heartbeatMs, healthChecks: false });
    await redis.config('RESETSTAT');
    const heartbeats = 6;
    const before = await heartbeatsOf(worker);
    let asked = 1;
    await waitFor(
      async () => {
        asked += 1;
        return (await heartbeatsOf(worker)) >= before + heartbeats;
      },
      { everyMs: 100 },
    );
    // From heartbeat to heartbeat it is never less than `heartbeatMs`.
    expect((await commands()) - asked).toBeLessThan(5 * (((heartbeats - 1) * heartbeatMs) / 1_000));
  });

  it('that was found dead after its first heartbeat can come back', async () => {
    const [other, back] = [createLeaseRegistry(redis, 'other'), createLeaseRegistry(redis, 'back')];
    const watch = createHeartbeatWatch(3);
    await back.heartbeat();
    for (let sent = 0; sent < 20; sent += 1) {
      const { workers } = await other.heartbeat();
      const isDead = watch.dead(workers).includes('back');
      if (isDead) await other.removeWorker('back', workers.get('back') ?? 0);
      expect(isDead).toBe(sent === 3);
      if (sent >= 3) await back.heartbeat();
    }
  });

  it('survives dropped connections', async () => {
    const worker = await startWorker('a');
    announce('dialer-1');
    await waitFor(() => worker.serving().length === 1);
    for (let drops = 0; drops < 3; drops += 1) {
      await redis.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
      const heartbeats = await heartbeatsOf(worker);
      await waitFor(async () => (await heartbeatsOf(worker)) > heartbeats + 1);
    }
    announce('dialer-2');
    await waitFor(() => worker.serving().length === 2);
    expect(worker.serving()).toEqual(['dialer-1', 'dialer-2']);
  });

  it('registers its leases again after Redis has lost everything', async () => {
    const [a, b] = [await startWorker('a'), await startWorker('b')];
    const dialers = names(4);
    announce(...dialers);
    await waitFor(async () => `${counts(a, b)}` === '2,2' && (await settled(dialers, a, b)));
    const opened = [...a.opened, ...b.opened].length;
    await redis.flushall();
    await waitFor(() => settled(dialers, a, b));
    expect([...a.opened, ...b.opened]).toHaveLength(opened);
  });

  it('closes in time when Redis is gone', async () => {
    const worker = await startWorker('a');
    announce('dialer-1');
    await waitFor(() => worker.serving().length === 1);
    worker.vanish();
    await worker.close();
    expect(worker.serving()).toEqual([]);
  });
});
