import type { Database } from '@live-feed/database/connection/client';
import { createSteadyClock } from '@live-feed/database/connection/steady-clock';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { connectDatabase, useDatabase } from '../../kit/services/database.ts';
import { waitFor } from '../../kit/wait-for.ts';

/** What is measured with it must never seem longer than it was, whatever the number of workers, and must go on while one lives. */

const server = useDatabase();
let database: Database;

beforeAll(() => {
  database = connectDatabase(server.url, 8);
});
afterAll(() => database?.$disconnect());
beforeEach(() => database.steadyClock.updateMany({ data: { elapsedMs: 0 } }));

async function read(): Promise<number> {
  return Number((await database.steadyClock.findFirst())?.elapsedMs);
}

test('eight workers that move it on at once, as fast as they can, do not make it fast', async () => {
  const startedAt = performance.now();
  const workers = Array.from({ length: 8 }, () => createSteadyClock(database));
  await Promise.all(
    workers.map(async (moveOn) => {
      for (let n = 0; n < 50; n += 1) await moveOn();
    }),
  );
  const elapsedMs = await read();
  expect(elapsedMs).toBeGreaterThan(0);
  expect(elapsedMs).toBeLessThanOrEqual(performance.now() - startedAt);
});

test('it goes on when the worker that moved it on so far is gone', async () => {
  const first = createSteadyClock(database);
  const second = createSteadyClock(database);
  await second();
  await first();
  await waitFor(async () => {
    await first();
    return (await read()) > 0;
  });
  const leftAt = await read();
  await waitFor(async () => {
    await second();
    return (await read()) > leftAt;
  });
});

test('a worker that stood still for long adds no more than a second', async () => {
  const moveOn = createSteadyClock(database);
  await moveOn();
  const trueNow = performance.now;
  performance.now = () => trueNow.call(performance) + 3_600_000;
  try {
    await moveOn();
  } finally {
    performance.now = trueNow;
  }
  expect(await read()).toBeLessThanOrEqual(1_000);
});

test('a database that was restored without its row takes no worker down', async () => {
  await database.steadyClock.deleteMany();
  const moveOn = createSteadyClock(database);
  await moveOn();
  await moveOn();
  expect(await database.steadyClock.count()).toBe(0);
  await database.steadyClock.create({ data: { elapsedMs: 0 } });
});
