import { afterAll, beforeAll, expect, test } from 'vitest';
import { connectRaw } from '../../kit/http/raw-http.ts';
import { useDatabase } from '../../kit/services/database.ts';
import { useRedis } from '../../kit/services/redis.ts';
import { type System, startSystem } from '../../kit/system/system.ts';

/** A load balancer sends a request on a connection that it has kept: the connection must not have ended before. */

const database = useDatabase();
const redis = useRedis();
const systems: System[] = [];

async function ingressUrl(keepAliveMs: number): Promise<string> {
  const system = await startSystem({
    databaseUrl: database.url,
    redisUrl: redis.url,
    workers: 0,
    environment: { INGRESS_KEEP_ALIVE_MS: String(keepAliveMs), INGRESS_REQUEST_TIMEOUT_MS: '300' },
  });
  systems.push(system);
  return system.ingresses[0]?.url ?? '';
}

let patient: string;
let brief: string;
beforeAll(async () => {
  patient = await ingressUrl(620_000);
  brief = await ingressUrl(1_000);
});
afterAll(async () => {
  for (const system of systems) await system.stop();
});

const HEALTH = ['GET /healthz HTTP/1.1', 'host: test'];

test('an idle connection stays open for as long as configured, and a request says how long', async () => {
  const connection = await connectRaw(patient);
  connection.send(HEALTH);
  const first = await connection.unheldAnswer();
  expect(first.headers.get('keep-alive')).toBe('timeout=620');

  // Two requests that never arrive take at least twice the time that a request may take.
  for (let n = 0; n < 2; n += 1) {
    const slow = await connectRaw(patient);
    slow.send('GET /healthz HTTP/1.1\r\n');
    expect((await slow.unheldAnswer()).status).toBe(408);
    await slow.closed();
  }
  connection.send(HEALTH);
  expect((await connection.unheldAnswer()).status).toBe(200);
  connection.destroy();
});

test('and is closed then', async () => {
  const connection = await connectRaw(brief);
  connection.send(HEALTH);
  expect((await connection.unheldAnswer()).status).toBe(200);
  expect(await connection.closed()).toEqual([]);
});
