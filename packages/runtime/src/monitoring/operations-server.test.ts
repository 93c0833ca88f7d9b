import { afterEach, expect, test } from 'vitest';
import { createMetrics } from './metrics.ts';
import { type OperationsServer, startOperationsServer } from './operations-server.ts';

let missing: Record<string, string> = {};
let server: OperationsServer | undefined;
afterEach(async () => {
  missing = {};
  await server?.close();
});

async function start(metrics = createMetrics()): Promise<OperationsServer> {
  server = await startOperationsServer({ host: '127.0.0.1', port: 0, metrics, missing: () => missing });
  return server;
}

async function ask(path: string, method = 'GET'): Promise<[number, string]> {
  const response = await fetch(`${server?.url}${path}`, { method });
  return [response.status, await response.text()];
}

test('says that it is ready until something is missing, and that it lives all the time', async () => {
  await start();
  expect(await ask('/readyz')).toEqual([200, '{"status":"ready"}']);
  missing = { database: 'its disk is full', stopping: 'it was told to' };
  expect(await ask('/readyz?now')).toEqual([
    503,
    '{"status":"not ready","missing":["database","stopping"],"why":{"database":"its disk is full","stopping":"it was told to"}}',
  ]);
  expect(await ask('/healthz')).toEqual([200, '{"status":"ok"}']);
});

test('shows the metrics that it was given, and no others', async () => {
  const metrics = createMetrics();
  metrics.counter('own_total', 'Its own.').inc(3);
  createMetrics().counter('other_total', 'Of another part of the process.').inc();
  await start(metrics);
  const [status, text] = await ask('/metrics');
  expect(status).toBe(200);
  expect(text).toContain('\nown_total 3\n');
  expect(text).toContain('\nprocess_cpu_seconds_total ');
  expect(text).not.toContain('other_total');
});

test('one gauge that cannot be told takes neither the process nor the next scrape with it', async () => {
  const metrics = createMetrics();
  let broken = true;
  metrics.gauge('moody', 'Fails once.', [], (gauge) => {
    if (broken) throw new Error('It cannot be told.');
    gauge.set(1);
  });
  await start(metrics);
  expect((await ask('/metrics'))[0]).toBe(500);
  broken = false;
  expect((await ask('/metrics'))[1]).toContain('\nmoody 1\n');
});

test('has nothing else, and takes nothing', async () => {
  await start();
  expect((await ask('/'))[0]).toBe(404);
  expect((await ask('/metrics', 'POST'))[0]).toBe(405);
  expect(await ask('/healthz', 'HEAD')).toEqual([200, '']);
});

test('does not start on a port that is taken', async () => {
  const { url } = await start();
  const port = Number(new URL(url).port);
  const second = startOperationsServer({
    host: '127.0.0.1',
    port,
    metrics: createMetrics(),
    missing: () => ({}),
  });
  await expect(second).rejects.toMatchObject({ code: 'EADDRINUSE' });
});
