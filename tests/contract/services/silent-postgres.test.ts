import { createDatabase } from '@live-feed/database/connection/client';
import { startHealthCheck } from '@live-feed/database/connection/health-check';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { startTcpProxy, type TcpProxy } from '../../kit/network/tcp-proxy.ts';
import { useDatabase } from '../../kit/services/database.ts';
import { waitFor } from '../../kit/wait-for.ts';

/** Packets of established connections are lost on the way to a PostgreSQL that is well. */

const server = useDatabase();
let proxy: TcpProxy;
let url: string;
beforeAll(async () => {
  const direct = new URL(server.url);
  proxy = await startTcpProxy(Number(direct.port), Math.random);
  direct.port = String(proxy.port);
  url = direct.href;
});
afterAll(() => proxy?.close());

test('all of a pool is replaced once one connection does not answer, and the health check continues', async () => {
  const faults: unknown[] = [];
  const database = createDatabase({
    url,
    poolSize: 4,
    statementTimeoutMs: 2_000,
    connectTimeoutMs: 10_000,
    applicationName: 'silent',
    onServerFault: (error) => faults.push(error),
  });
  onTestFinished(() => database.$disconnect());
  const told: string[] = [];
  const health = await startHealthCheck({
    url,
    applicationName: 'silent-health',
    intervalMs: 100,
    limitMs: 5_000,
    onTrouble: (why) => told.push(why),
  });
  onTestFinished(() => health.stop());
  const backend = async () =>
    (await database.$queryRaw<{ pid: number }[]>`SELECT pg_backend_pid() AS pid`)[0]?.pid;
  const busy = async () => await database.$executeRaw`SELECT pg_sleep(0.3)`;
  await Promise.all([busy(), busy(), busy(), busy()]);
  const before = await backend();

  proxy.silence();
  await expect(backend()).rejects.toThrow();
  const after = await Promise.all([backend(), backend(), backend(), backend()]);
  expect(after).not.toContain(before);
  expect(faults).toHaveLength(1);
  await waitFor(() => proxy.silenced() === 0, { what: 'every silent connection to be given up' });
  expect(health.alive()).toBe(true);
  expect(told).toEqual([]);
});

test('one that went silent within a transaction is not used again', async () => {
  const database = createDatabase({
    url,
    poolSize: 1,
    statementTimeoutMs: 1_000,
    connectTimeoutMs: 10_000,
    applicationName: 'silent',
  });
  onTestFinished(() => database.$disconnect());
  await expect(
    database.$transaction(
      async (transaction) => {
        await transaction.$queryRaw`SELECT 1`;
        proxy.silence();
        await transaction.$queryRaw`SELECT 1`;
      },
      { timeout: 20_000 },
    ),
  ).rejects.toThrow();
  expect(await database.$queryRaw`SELECT 1 AS one`).toEqual([{ one: 1 }]);
});
