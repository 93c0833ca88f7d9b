import type { EmbeddedPostgres } from '@live-feed/tools/services/postgres';
import type { EmbeddedRedis } from '@live-feed/tools/services/redis';
import { afterAll, describe, expect, test } from 'vitest';
import { misbehave } from '../support/client.ts';
import { startTestPostgres } from '../support/database.ts';
import { type Fleet, startFleet } from '../support/fleet.ts';
import { startLoad } from '../support/load.ts';
import { type Reckoning, reckon, tableOf } from '../support/reckoning.ts';
import { startTestRedis } from '../support/redis.ts';

/** PostgreSQL and Redis go away under load, and come back: with what they had, or with nothing. */

const CALLERS = 200;
/** How often each fault strikes. */
const TIMES = 3;

const reckonings = new Map<string, Reckoning>();
afterAll(() => {
  process.stdout.write(tableOf(reckonings));
});

interface Robbed {
  readonly fleet: Fleet;
  readonly postgres: EmbeddedPostgres;
  readonly redis: EmbeddedRedis;
}

interface Case {
  readonly fault: string;
  readonly strike: (robbed: Robbed) => Promise<unknown>;
}

const cases: readonly Case[] = [
  { fault: 'Redis is wiped', strike: ({ fleet }) => fleet.queues.redis.flushall() },
  { fault: 'Redis is restarted', strike: ({ redis }) => redis.restart() },
  { fault: 'PostgreSQL is restarted', strike: ({ postgres }) => postgres.restart() },
];

async function underLoad({ fault, strike }: Case): Promise<Reckoning> {
  const postgres = await startTestPostgres();
  const redis = await startTestRedis({ appendonly: true });
  try {
    const services = { databaseUrl: postgres.databaseUrl, redisUrl: redis.url };
    const fleet = await startFleet({ ...services, ingresses: 2, workers: 2, companies: 4 });
    try {
      const slow = { kind: 'delay', ms: 100, jitterMs: 200 };
      await misbehave(fleet.system, { rules: [{ on: 'upload', fault: slow }] });
      const load = startLoad(fleet, CALLERS);
      try {
        for (let n = 0; n < TIMES; n += 1) {
          await load.moreAccepted(2 * CALLERS);
          await strike({ fleet, postgres, redis });
        }
        await load.moreAccepted(2 * CALLERS);
        const reckoning = await reckon(fleet, load);
        reckonings.set(`${fault}, ${TIMES} times`, reckoning);
        return reckoning;
      } finally {
        await load.stop();
      }
    } finally {
      await fleet.stop();
    }
  } finally {
    await redis.stop();
    await postgres.stop();
  }
}

describe('every answer is true, whatever happens to the services', () => {
  test.each(cases)('$fault under load', async (each) => {
    expect(await underLoad(each)).toMatchObject({ lost: 0, doubled: 0, wrong: 0, other: 0, none: 0 });
  });
});
