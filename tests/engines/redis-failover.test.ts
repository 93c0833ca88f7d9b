import type { EmbeddedRedis } from '@live-feed/tools/services/redis';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { dialingSystemsDo } from '../faults/system/dialing-system.ts';
import { comeToRest, historyOf } from '../kit/judge/gather.ts';
import { judge } from '../kit/judge/judge.ts';
import { mixedCallers } from '../kit/load/callers.ts';
import { startLoad } from '../kit/load/load.ts';
import { useDatabase } from '../kit/services/database.ts';
import { startRedisCluster } from '../kit/services/redis-cluster.ts';
import { startWatchedRedis } from '../kit/services/redis-sentinels.ts';
import { addCompany, type Company } from '../kit/system/company.ts';
import { openQueues, type Queues } from '../kit/system/queues.ts';
import { type ProcessSystem, startSystem } from '../kit/system/system.ts';
import { waitFor } from '../kit/wait-for.ts';

/** A primary is lost under load, and another server takes over: every promise is kept. */

interface FailingRedis {
  readonly environment: Readonly<Record<string, string>>;
  /** One that has keys to lose. */
  primary(): Promise<EmbeddedRedis>;
  /** Resolves when another server has taken over from it. */
  failedOver(from: EmbeddedRedis): Promise<unknown>;
  stop(): Promise<void>;
}

async function startFailingCluster(): Promise<FailingRedis> {
  const { masters, replicas, connections, environment, stop } = await startRedisCluster();
  const servers = [...masters, ...replicas];
  const isPrimary = async (at: number) => (await connections[at]?.role())?.[0] === 'master';
  return {
    environment,
    stop,
    async primary() {
      const server = servers[(await isPrimary(0)) ? 0 : 3];
      if (server === undefined) throw new Error('The cluster has six servers.');
      return server;
    },
    async failedOver(from) {
      const other = from === servers[0] ? 3 : 0;
      await waitFor(() => isPrimary(other), { timeoutMs: 60_000, what: 'a replica that took over' });
    },
  };
}

/** As documented for RingCX; the simulator enforces them. */
const WINDOWS = [
  { requests: 30, perMs: 10_000 },
  { requests: 120, perMs: 60_000 },
];
const DEADLINE_MS = 25_000;

describe.each([
  ['sentinels', startWatchedRedis],
  ['a cluster', startFailingCluster],
])('with %s', (_, start: () => Promise<FailingRedis>) => {
  const database = useDatabase();
  let redis: FailingRedis;
  let system: ProcessSystem;
  let queues: Queues;

  beforeAll(async () => {
    redis = await start();
    system = await startSystem({
      ...{ databaseUrl: database.url, redisUrl: '', processes: true },
      ...{ ingresses: 2, workers: 2, environment: redis.environment },
    });
    queues = await openQueues(system);
    await dialingSystemsDo(system);
  });
  afterAll(async () => {
    await queues?.close();
    await system?.stop();
    await redis?.stop();
  });

  test.each<[string, (server: EmbeddedRedis) => Promise<void>, (server: EmbeddedRedis) => Promise<void>]>([
    ['killed', (server) => server.kill(), (server) => server.restart()],
    ['frozen', async (server) => server.freeze(), async (server) => server.thaw()],
  ])('a primary that is %s loses, doubles and falsifies nothing', async (_, strike, heal) => {
    const companies: Company[] = [];
    for (const family of ['ringcx', 'newbridge'] as const) {
      companies.push(await addCompany(system, { family, uploadWindows: WINDOWS }));
    }
    const load = startLoad({ ingresses: system.ingresses.awake, companies, callers: mixedCallers });
    await load.moreAccepted(50);
    const primary = await redis.primary();
    await strike(primary);
    try {
      await redis.failedOver(primary);
      const tookOverAtMs = performance.now();
      await waitFor(() => companies.every((each) => load.acceptedAtMs(each, tookOverAtMs) !== undefined), {
        timeoutMs: 120_000,
        what: 'a 200 for every company',
      });
    } finally {
      await heal(primary);
    }
    await load.moreAccepted(50);
    await load.stop();
    await comeToRest(system.database, queues, companies);
    const history = await historyOf({
      ...{ system, companies, asked: load.asked },
      answersWithinMs: DEADLINE_MS,
    });
    expect(judge(history)).toEqual([]);
  });
});
