import { afterAll, beforeAll, expect, test } from 'vitest';
import { EXAMPLE } from '../../kit/http/client.ts';
import { connectRaw, type RawConnection } from '../../kit/http/raw-http.ts';
import { useDatabase } from '../../kit/services/database.ts';
import { useRedis } from '../../kit/services/redis.ts';
import { type System, startSystem } from '../../kit/system/system.ts';
import { waitFor } from '../../kit/wait-for.ts';

/** Connections are limited: a new one over the limit gets 429, and open ones stay. */

const database = useDatabase();
const redis = useRedis();
let system: System;
let url: string;
const connections: RawConnection[] = [];

beforeAll(async () => {
  system = await startSystem({
    databaseUrl: database.url,
    redisUrl: redis.url,
    workers: 1,
    environment: { INGRESS_MAX_CONNECTIONS: '5' },
  });
  url = system.ingresses[0]?.url ?? '';
});
afterAll(async () => {
  for (const connection of connections) connection.destroy();
  await system?.stop();
});

const HEALTH = { method: 'GET', path: '/healthz' };
const LEADS = { method: 'GET', path: '/live-feed/leads' };
const BODY = JSON.stringify(EXAMPLE);

async function connect(): Promise<RawConnection> {
  const connection = await connectRaw(url);
  connections.push(connection);
  return connection;
}

function ask(connection: RawConnection, { method, path }: typeof HEALTH): void {
  connection.send([
    `${method} ${path} HTTP/1.1`,
    'host: test',
    `authorization: Bearer ${system.seeded.keys.ringcx}`,
  ]);
}

function postLead(connection: RawConnection): void {
  connection.send([
    'POST /live-feed/ringcx HTTP/1.1',
    'host: test',
    `authorization: Bearer ${system.seeded.keys.ringcx}`,
    'content-type: application/json',
    `content-length: ${BODY.length}`,
  ]);
  connection.send(BODY);
}

/** Fills the ingress with connections that are known to be counted. */
async function fill(): Promise<RawConnection[]> {
  const filling: RawConnection[] = [];
  await waitFor(async () => {
    const connection = await connect();
    ask(connection, HEALTH);
    const { headers } = await connection.answer(HEALTH);
    if (headers.get('connection') === 'close') return true;
    filling.push(connection);
    return false;
  });
  return filling;
}

test('one connection too many: 429 with whole seconds, nothing taken, and it ends; the others go on', async () => {
  const [first, ...filling] = await fill();
  expect(filling.length).toBeLessThan(5);

  const surplus = await connect();
  postLead(surplus);
  const refused = await surplus.answer();
  expect(refused).toMatchObject({ status: 429, body: { code: 'OVERLOADED', retryable: true } });
  expect(refused.headers.get('retry-after')).toBe('1');
  expect(refused.headers.get('connection')).toBe('close');
  expect(await surplus.closed()).toEqual([]);
  expect(await system.database.lead.count()).toBe(0);

  const asking = await connect();
  ask(asking, LEADS);
  expect((await asking.answer(LEADS)).status).toBe(429);

  const probe = await connect();
  ask(probe, { method: 'GET', path: '/readyz' });
  expect((await probe.answer({ method: 'GET', path: '/readyz' })).status).toBe(200);

  if (first === undefined) throw new Error('There was no room for one.');
  postLead(first);
  expect((await first.answer()).status).toBe(200);

  for (const connection of filling) connection.destroy();
  const later = await waitFor(async () => {
    const connection = await connect();
    ask(connection, LEADS);
    const answer = await connection.answer(LEADS);
    return answer.status === 429 ? undefined : answer;
  });
  expect(later.status).toBe(200);
});

test('far too many: the rest are closed unanswered, and those that were there are served', async () => {
  const [first] = await fill();
  if (first === undefined) throw new Error('There was no room for one.');
  const many = await Promise.all(Array.from({ length: 1_100 }, connect));
  let closed = 0;
  for (const connection of many) void connection.closed().then(() => closed++);
  await waitFor(() => closed >= 90);
  ask(first, LEADS);
  expect((await first.answer(LEADS)).status).toBe(200);
});
