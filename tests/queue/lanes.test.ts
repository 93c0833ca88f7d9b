import { createLaneAnnouncer } from '@live-feed/queue/lanes/lane-announcer';
import { createBeatWatch } from '@live-feed/queue/lanes/lane-beats';
import { createLaneBoard } from '@live-feed/queue/lanes/lane-board';
import { createLanes, type Lanes } from '@live-feed/queue/lanes/lanes';
import { closeRedis, connectRedis, type Redis, whenReady } from '@live-feed/queue/redis/redis';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { runScript } from '../kit/processes/script.ts';
import { useRedis } from '../kit/services/redis.ts';
import { waitFor } from '../kit/wait-for.ts';

const BOARD = '{lf:lanes}:board';
/** So long that nothing happens by a beat. */
const NEVER_MS = 600_000;

const service = useRedis();
/** Stands for people and producers; no worker uses it. */
let redis: Redis;

interface ServedLane {
  readonly dialerId: string;
  idleMs: number;
  closed: boolean;
  /** While there is one, `close` waits for it: an upload under way. */
  upload: Promise<void>;
}

interface TestWorker {
  readonly id: string;
  readonly lanes: Lanes;
  /** Every lane it ever opened, in order. */
  readonly opened: ServedLane[];
  readonly errors: unknown[];
  readonly serving: () => string[];
  /** Cuts it off from Redis; it knows nothing of that. */
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
  options: { beatMs?: number; idleMs?: number; pulses?: false; onClaim?: (dialerId: string) => void } = {},
): Promise<TestWorker> {
  const { beatMs = 50, idleMs = NEVER_MS } = options;
  const commands = connectRedis(service.url, 'requests', () => {});
  const blocking = connectRedis(service.url, 'stream', () => {});
  await Promise.all([commands, blocking].map((connection) => whenReady(connection, 30_000)));
  if (options.pulses === false) for (const { pulse } of [redis, commands, blocking]) pulse.stop();
  const opened: ServedLane[] = [];
  const errors: unknown[] = [];
  const lanes = createLanes({
    redis: commands,
    blockingRedis: blocking,
    workerId: id,
    beatMs,
    idleMs,
    onError: (error) => errors.push(error),
    onClaim(dialerId) {
      options.onClaim?.(dialerId);
      const lane: ServedLane = { dialerId, idleMs: 0, closed: false, upload: Promise.resolve() };
      opened.push(lane);
      return {
        idleForMs: () => lane.idleMs,
        async close() {
          await lane.upload;
          lane.closed = true;
        },
      };
    },
  });
  let closed: Promise<void> | undefined;
  const worker: TestWorker = {
    id,
    lanes,
    opened,
    errors,
    serving: () => opened.filter((lane) => !lane.closed).map(({ dialerId }) => dialerId),
    vanish() {
      commands.disconnect();
      blocking.disconnect();
    },
    async reappear() {
      await Promise.all([commands.connect(), blocking.connect()]);
    },
    close() {
      closed ??= lanes
        .close()
        .then(() => Promise.all([commands, blocking].map((it) => closeRedis(it))).then());
      return closed;
    },
  };
  workers.push(worker);
  await waitFor(async () => (await redis.hexists(BOARD, `worker:${id}`)) === 1);
  return worker;
}

function announce(...dialerIds: string[]) {
  const announcer = createLaneAnnouncer(redis, () => {});
  for (const dialerId of dialerIds) announcer.announce(dialerId);
}

const names = (count: number) => Array.from({ length: count }, (_, at) => `dialer-${at}`);
const counts = (...some: TestWorker[]) => some.map((worker) => worker.serving().length);
const owner = (dialerId: string) => redis.hget(BOARD, `lane:${dialerId}`);
const beatsOf = async ({ id }: TestWorker) => Number(await redis.hget(BOARD, `worker:${id}`));

/** Each dialer is served exactly once, by whom the board says. */
async function settled(dialerIds: readonly string[], ...some: TestWorker[]): Promise<boolean> {
  const served = some.flatMap((worker) => worker.serving().map((dialerId) => `${dialerId} ${worker.id}`));
  const board = await Promise.all(dialerIds.map(async (dialerId) => `${dialerId} ${await owner(dialerId)}`));
  return served.length === board.length && board.every((line) => served.includes(line));
}

describe('a lane', () => {
  it('is claimed on the notice of the first lead, not by the next beat', async () => {
    const worker = await startWorker('a', { beatMs: NEVER_MS });
    announce('dialer-1');
    await waitFor(() => worker.serving().includes('dialer-1'));
    expect(await owner('dialer-1')).toBe('a');
    expect(worker.lanes.count()).toBe(1);
  });

  it('is claimed by one of many workers', async () => {
    const some = await Promise.all(['a', 'b', 'c'].map((id) => startWorker(id)));
    const dialers = names(30);
    announce(...dialers);
    await waitFor(() => settled(dialers, ...some));
  });

  it('costs its producer one command for many leads', async () => {
    const announcer = createLaneAnnouncer(redis, () => {});
    await redis.config('RESETSTAT');
    for (let lead = 0; lead < 1_000; lead += 1) announcer.announce('dialer-1');
    await waitFor(() => redis.hexists(BOARD, 'lane:dialer-1'));
    expect(await redis.info('commandstats')).toContain('cmdstat_hsetnx:calls=1,');
    expect(await redis.llen('{lf:lanes}:calls')).toBe(1);
  });

  it('is called for once, however often it is announced before anybody comes', async () => {
    for (let producers = 0; producers < 5; producers += 1) announce('dialer-1');
    await waitFor(() => redis.hexists(BOARD, 'lane:dialer-1'));
    expect(await redis.llen('{lf:lanes}:calls')).toBe(1);
  });

  it('is announced again with the next lead after Redis was away', async () => {
    const producing = connectRedis(service.url, 'requests', () => {});
    const errors: unknown[] = [];
    const announcer = createLaneAnnouncer(producing, (error) => errors.push(error));
    announcer.announce('dialer-1');
    await waitFor(() => errors.length === 1);
    await whenReady(producing, 30_000);
    announcer.announce('dialer-1');
    await waitFor(() => redis.hexists(BOARD, 'lane:dialer-1'));
    await closeRedis(producing);
  });

  it('is found by the next beat when the notice was lost', async () => {
    const worker = await startWorker('a');
    await redis.hset(BOARD, 'lane:dialer-1', '');
    await waitFor(() => worker.serving().includes('dialer-1'));
  });

  it('waits for the first worker to start', async () => {
    announce('dialer-1');
    await waitFor(() => redis.hexists(BOARD, 'lane:dialer-1'));
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

describe('lanes are shared out evenly', () => {
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
    expect(await redis.hkeys(BOARD)).not.toContain('worker:a');
  });

  it('and stay where they are once they are', async () => {
    const dialers = names(7);
    const [a, b] = [await startWorker('a'), await startWorker('b')];
    announce(...dialers);
    await waitFor(
      async () => Math.abs(a.serving().length - b.serving().length) === 1 && settled(dialers, a, b),
    );
    const opened = [...a.opened, ...b.opened].length;
    const beats = await beatsOf(a);
    await waitFor(async () => (await beatsOf(a)) > beats + 10);
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
    for (const lane of a.opened) lane.upload = upload;
    const b = await startWorker('b');
    const beats = await beatsOf(b);
    await waitFor(async () => (await beatsOf(b)) > beats + 10);
    expect(counts(a, b)).toEqual([2, 0]);
    endUploads();
    await waitFor(async () => `${counts(a, b)}` === '1,1' && settled(['dialer-1', 'dialer-2'], a, b));
  });

  it('and nobody takes over what a worker that is leaving has under way', async () => {
    const [a, b] = [await startWorker('a'), await startWorker('b')];
    announce('dialer-1');
    await waitFor(() => a.serving().length + b.serving().length === 1);
    const [leaving, staying] = a.serving().length === 1 ? [a, b] : [b, a];
    let endUpload = () => {};
    const [lane] = leaving.opened;
    if (lane === undefined) throw new Error('It has opened the lane.');
    lane.upload = new Promise<void>((resolve) => {
      endUpload = resolve;
    });
    const closed = leaving.close();
    const beats = await beatsOf(staying);
    await waitFor(async () => (await beatsOf(staying)) > beats + 10);
    expect(staying.serving()).toEqual([]);
    endUpload();
    await closed;
    await waitFor(() => settled(['dialer-1'], staying));
  });
});

describe('the lanes of a dead worker', () => {
  it('are taken over within four beats', async () => {
    const dialers = names(6);
    const [a, b, c] = [await startWorker('a'), await startWorker('b'), await startWorker('c')];
    announce(...dialers);
    await waitFor(async () => `${counts(a, b, c)}` === '2,2,2' && (await settled(dialers, a, b, c)));
    c.vanish();
    const beats = (await beatsOf(a)) + (await beatsOf(b));
    await waitFor(async () => `${counts(a, b)}` === '3,3', { everyMs: 1 });
    // The read may come a beat of each after the event.
    expect((await beatsOf(a)) + (await beatsOf(b))).toBeLessThanOrEqual(beats + 2 * (4 + 1));
    expect(await redis.hexists(BOARD, 'worker:c')).toBe(0);
    await c.reappear();
    await waitFor(async () => `${counts(a, b, c)}` === '2,2,2' && (await settled(dialers, a, b, c)));
  });

  it('are given up by it if it was only stopped', async () => {
    const stopped = await runScript(
      `
      const { createLanes } = await import('./packages/queue/src/lanes/lanes.ts');
      const { connectRedis } = await import('./packages/queue/src/redis/redis.ts');
      const connect = (role) => connectRedis(process.env.REDIS_URL, role, () => {});
      createLanes({
        redis: connect('requests'), blockingRedis: connect('stream'), workerId: 'stopped', beatMs: 50,
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

describe('an idle lane', () => {
  it('is given back and forgotten', async () => {
    const worker = await startWorker('a', { idleMs: 10_000 });
    announce('dialer-1');
    await waitFor(() => worker.serving().length === 1);
    const [lane] = worker.opened;
    if (lane === undefined) throw new Error('It has opened the lane.');
    lane.idleMs = 9_999;
    const beats = await beatsOf(worker);
    await waitFor(async () => (await beatsOf(worker)) > beats + 5);
    expect(worker.serving()).toEqual(['dialer-1']);
    lane.idleMs = 10_000;
    await waitFor(() => lane.closed);
    expect(await owner('dialer-1')).toBeNull();
    expect(worker.lanes.count()).toBe(0);
    announce('dialer-1');
    await waitFor(() => worker.serving().length === 1);
  });

  it('is kept when a lead comes just as it is taken off the board', async () => {
    const worker = await startWorker('a', { idleMs: 10_000 });
    announce('dialer-1');
    await waitFor(() => worker.serving().length === 1);
    const [lane] = worker.opened;
    if (lane === undefined) throw new Error('It has opened the lane.');
    lane.idleMs = 10_000;
    await waitFor(async () => (await owner('dialer-1')) === null, { everyMs: 1 });
    lane.idleMs = 0;
    await waitFor(async () => (await owner('dialer-1')) === 'a');
    expect(worker.opened).toEqual([lane]);
    expect(lane.closed).toBe(false);
  });
});

describe('a worker', () => {
  /** All commands that Redis has carried out, those of scripts included. */
  async function commands(): Promise<number> {
    const calls = [...(await redis.info('commandstats')).matchAll(/cmdstat_[^:]+:calls=(\d+)/g)];
    return calls.reduce((sum, [, count]) => sum + Number(count), 0);
  }

  it('that has nothing to do makes fewer than five commands a second, beside the pulses of its connections', async () => {
    const beatMs = 800;
    const worker = await startWorker('a', { beatMs, pulses: false });
    await redis.config('RESETSTAT');
    const beats = 6;
    const before = await beatsOf(worker);
    let asked = 1;
    await waitFor(
      async () => {
        asked += 1;
        return (await beatsOf(worker)) >= before + beats;
      },
      { everyMs: 100 },
    );
    // From beat to beat it is never less than `beatMs`.
    expect((await commands()) - asked).toBeLessThan(5 * (((beats - 1) * beatMs) / 1_000));
  });

  it('that was taken for dead after its first beat is not taken for dead for ever', async () => {
    const [other, back] = [createLaneBoard(redis, 'other'), createLaneBoard(redis, 'back')];
    const watch = createBeatWatch(3);
    await back.beat();
    for (let beat = 0; beat < 20; beat += 1) {
      const { workers } = await other.beat();
      const isDead = watch.dead(workers).includes('back');
      if (isDead) await other.forget('back', workers.get('back') ?? 0);
      expect(isDead).toBe(beat === 3);
      if (beat >= 3) await back.beat();
    }
  });

  it('survives dropped connections', async () => {
    const worker = await startWorker('a');
    announce('dialer-1');
    await waitFor(() => worker.serving().length === 1);
    for (let drops = 0; drops < 3; drops += 1) {
      await redis.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
      const beats = await beatsOf(worker);
      await waitFor(async () => (await beatsOf(worker)) > beats + 1);
    }
    announce('dialer-2');
    await waitFor(() => worker.serving().length === 2);
    expect(worker.serving()).toEqual(['dialer-1', 'dialer-2']);
  });

  it('puts its lanes on the board again after Redis has lost everything', async () => {
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
