import { createDatabase } from '@live-feed/database/client';
import { startPulse } from '@live-feed/database/pulse';
import { expect, onTestFinished, test } from 'vitest';
import { useDatabase } from '../support/database.ts';
import { waitFor } from '../support/wait-for.ts';

const server = useDatabase();

/** A pulse that shares its only connection with everybody else. */
async function startCrowded() {
  let answeredAt = Number.NEGATIVE_INFINITY;
  const database = createDatabase({
    url: server.url,
    poolSize: 1,
    statementTimeoutMs: 30_000,
    connectTimeoutMs: 30_000,
    applicationName: 'test',
    onAnswer: () => {
      answeredAt = performance.now();
    },
  });
  onTestFinished(() => database.$disconnect());
  const changes: boolean[] = [];
  const pulse = await startPulse(database, {
    intervalMs: 10,
    limitMs: 1_000,
    answeredAt: () => answeredAt,
    onChange: (alive) => changes.push(alive),
  });
  onTestFinished(() => pulse.stop());
  // Prisma's own promise begins only when it is awaited.
  const sleep = async (seconds: number) => await database.$executeRaw`SELECT pg_sleep(${seconds}::float8)`;
  return { pulse, changes, sleep };
}

test('a beat that is late because others are answered before it does not mean that the database is gone', async () => {
  const { pulse, changes, sleep } = await startCrowded();
  // 2.4 s in all, more than twice the limit, and never more than 0.3 s without an answer.
  await Promise.all(Array.from({ length: 8 }, () => sleep(0.3)));
  expect(pulse.alive()).toBe(true);
  expect(changes).toEqual([true]);
});

test('nobody answered for so long does', async () => {
  const { pulse, changes, sleep } = await startCrowded();
  const slow = sleep(4);
  await waitFor(async () => !pulse.alive(), { what: 'a database that counts as gone' });
  await slow;
  await waitFor(async () => pulse.alive(), { what: 'a database that is back' });
  expect(changes).toEqual([true, false, true]);
});
