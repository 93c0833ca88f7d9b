import { setTimeout as delay } from 'node:timers/promises';
import { OPEN_STATES } from '@live-feed/core/lead-state';
import { seededRandom } from '@live-feed/tools/seeded-random';
import type { AppProcess } from '@live-feed/tools/stack/app-process';
import { afterAll, describe, expect, test } from 'vitest';
import { misbehave, simulator } from '../support/client.ts';
import { createTestDatabase } from '../support/database.ts';
import { type Fleet, startFleet } from '../support/fleet.ts';
import { type Load, type Request, startLoad } from '../support/load.ts';
import { type Reckoning, reckon, tableOf } from '../support/reckoning.ts';
import { startTestRedis } from '../support/redis.ts';
import { waitFor } from '../support/wait-for.ts';

/** Processes die and freeze in the middle of uploads, with the time-outs of production. */

const SEED = 20_261_123;
const CALLERS = 200;
const KILLS = 20;

const reckonings = new Map<string, Reckoning>();
afterAll(() => {
  process.stdout.write(tableOf(reckonings));
});

async function withFleet(run: (fleet: Fleet, load: Load) => Promise<void>): Promise<void> {
  const database = await createTestDatabase();
  const redis = await startTestRedis();
  try {
    const services = { databaseUrl: database.url, redisUrl: redis.url };
    const fleet = await startFleet({ ...services, ingresses: 2, workers: 3, companies: 6 });
    try {
      const slow = { kind: 'delay', ms: 200, jitterMs: 300 };
      await misbehave(fleet.system, { rules: [{ on: 'upload', fault: slow }] });
      const load = startLoad(fleet, CALLERS);
      try {
        await load.moreAccepted(CALLERS);
        await run(fleet, load);
      } finally {
        await load.stop();
      }
    } finally {
      await fleet.stop();
    }
  } finally {
    await redis.stop();
    await database.drop();
  }
}

async function expectNothingLost(name: string, fleet: Fleet, load: Load): Promise<Reckoning> {
  const reckoning = await reckon(fleet, load);
  reckonings.set(name, reckoning);
  expect(reckoning).toMatchObject({ lost: 0, doubled: 0, wrong: 0, other: 0 });
  const { duplicateExternIds } = await simulator(fleet.system, '/stats');
  expect(duplicateExternIds.total).toBe(0);
  return reckoning;
}

async function untilUploading({ system }: Fleet): Promise<void> {
  await waitFor(async () => (await simulator(system, '/stats')).concurrent.upload.now > 0, {
    what: 'an upload under way',
    everyMs: 5,
  });
}

async function leadsUnderWay({ system }: Fleet): Promise<Set<string>> {
  const rows = await system.database.lead.findMany({
    where: { state: { in: ['SENDING', 'UNKNOWN'] } },
    select: { id: true },
  });
  return new Set(rows.map(({ id }) => id));
}

interface Kill {
  /** Callers that waited when the worker died. */
  readonly waiting: readonly Request[];
  /** Leads that it had sent, or was about to. */
  readonly held: ReadonlySet<string>;
}

/** Kills a worker in the middle of an upload, and replaces it. */
async function killWorker(fleet: Fleet, load: Load, victim: AppProcess): Promise<Kill> {
  await untilUploading(fleet);
  await victim.kill();
  const waiting = load.waiting();
  const underWay = await leadsUnderWay(fleet);
  await fleet.startWorker();
  // What another worker had under way has been settled by now.
  const stillOpen = await leadsUnderWay(fleet);
  return { waiting, held: new Set([...underWay].filter((id) => stillOpen.has(id))) };
}

async function untilSettled({ system }: Fleet, leadIds: ReadonlySet<string>): Promise<void> {
  const open = { id: { in: [...leadIds] }, state: { in: [...OPEN_STATES] } };
  await waitFor(async () => (await system.database.lead.count({ where: open })) === 0, {
    what: 'the end of the leads that the dead worker had',
    timeoutMs: 60_000,
    everyMs: 100,
  });
}

function statusesOf(requests: readonly Request[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { answer } of requests) {
    const status = String(answer?.status);
    counts[status] = (counts[status] ?? 0) + 1;
  }
  return counts;
}

const shareOf200 = (requests: readonly Request[]) =>
  (statusesOf(requests)['200'] ?? 0) / Math.max(1, requests.length);

function pick<T>(random: () => number, from: readonly T[]): T {
  const picked = from[Math.floor(random() * from.length)];
  if (picked === undefined) throw new RangeError('There is nothing to pick from.');
  return picked;
}

describe('none lost, none doubled', () => {
  test(`a worker is killed in the middle of uploads, ${KILLS} times`, async () => {
    await withFleet(async (fleet, load) => {
      const random = seededRandom(SEED);
      const kills: Kill[] = [];
      while (kills.length < KILLS) {
        await load.moreAccepted(20 + Math.floor(random() * 200));
        const kill = await killWorker(fleet, load, pick(random, fleet.workers));
        kills.push(kill);
        await untilSettled(fleet, kill.held);
      }
      await expectNothingLost(`a worker killed, ${KILLS} times`, fleet, load);

      const waited = kills.flatMap(({ waiting }) => waiting);
      const inFlight = kills.flatMap(({ waiting, held }) =>
        waiting.filter(({ answer }) => held.has(answer?.leadId ?? '')),
      );
      process.stdout.write(
        `callers that waited at a kill: ${JSON.stringify(statusesOf(waited))}, ` +
          `with their lead in the dead worker's hands: ${JSON.stringify(statusesOf(inFlight))}\n`,
      );
      expect(inFlight.length).toBeGreaterThan(0);
      expect(shareOf200(inFlight)).toBeGreaterThanOrEqual(0.99);
    });
  });

  test(`a worker is killed before anything has recovered from the last kill, ${KILLS} times`, async () => {
    await withFleet(async (fleet, load) => {
      const random = seededRandom(SEED + 1);
      for (let n = 0; n < KILLS; n += 1) {
        await load.moreAccepted(20 + Math.floor(random() * 200));
        await killWorker(fleet, load, pick(random, fleet.workers));
      }
      await expectNothingLost(`a worker killed, ${KILLS} times in a row`, fleet, load);
    });
  });

  test('an ingress is killed', async () => {
    await withFleet(async (fleet, load) => {
      const [victim] = fleet.ingresses;
      await untilUploading(fleet);
      await victim?.kill();
      const waiting = load.waiting().filter(({ ingressPid }) => ingressPid !== victim?.pid);
      await fleet.startIngress();
      await load.moreAccepted(2 * CALLERS);
      const { none } = await expectNothingLost('an ingress killed', fleet, load);
      expect(none).toBeGreaterThan(0);
      // Who asked the other one notices nothing.
      expect(statusesOf(waiting)).toEqual({ '200': waiting.length });
    });
  });

  test('a worker is frozen for longer than its locks last', async () => {
    await withFleet(async (fleet, load) => {
      const [victim] = fleet.workers;
      await untilUploading(fleet);
      victim?.signal('SIGSTOP');
      // The one thing that is waited for is time: that of a stopped process.
      await delay(10_000);
      victim?.signal('SIGCONT');
      await load.moreAccepted(2 * CALLERS);
      await expectNothingLost('a worker frozen for 10 s', fleet, load);
    });
  });
});
