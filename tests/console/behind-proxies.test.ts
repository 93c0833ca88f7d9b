import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, request, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { buildConsole } from '@live-feed/console/console';
import { createConsoleMetrics } from '@live-feed/console/console-metrics';
import { newId } from '@live-feed/core/ids';
import type { Database } from '@live-feed/database/connection/client';
import { closeRedis, connectRedis, type Redis, whenReady } from '@live-feed/queue/redis/redis';
import { createLogger } from '@live-feed/runtime/logging/logger';
import { createMetrics } from '@live-feed/runtime/monitoring/metrics';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { connectDatabase, useDatabase } from '../kit/services/database.ts';
import { useRedis } from '../kit/services/redis.ts';
import { waitFor } from '../kit/wait-for.ts';

/** The console as browsers and guessers meet it: over HTTP, through proxies that rename it, and many requests in one write. */

const postgres = useDatabase();
const redisServer = useRedis();
const OPS = { user: 'ops', password: `right-${randomBytes(9).toString('hex')}` };
const EYES = { user: 'eyes', password: `viewer-${randomBytes(9).toString('hex')}` };
const PREFIX = '/tools/live-feed/';

let database: Database;
let redis: Redis;
let dialerId: string;

beforeAll(async () => {
  database = connectDatabase(postgres.url);
  redis = connectRedis(redisServer.url, 'requests', () => {});
  await whenReady(redis, 10_000);
  const companyId = newId();
  dialerId = newId();
  await database.company.create({ data: { id: companyId, name: 'Behind Proxies' } });
  await database.dialer.create({
    data: { id: dialerId, companyId, family: 'ringcx', baseUrl: 'http://127.0.0.1:9', accountId: '1' },
  });
});
afterAll(async () => {
  if (redis !== undefined) await closeRedis(redis);
  await database?.$disconnect();
});

/** @returns its address; closed after the test */
async function startConsole(
  options: { readonly publicUrl?: string; readonly trustedProxies?: string[] } = {},
) {
  const app = await buildConsole({
    database,
    redis,
    logger: createLogger({ name: 'console-test', level: 'silent' }),
    metrics: createConsoleMetrics(createMetrics()),
    accounts: [
      { ...OPS, role: 'operator' },
      { ...EYES, role: 'viewer' },
    ],
    refreshMs: 20,
    ...options,
  });
  onTestFinished(() => app.close());
  return app.listen({ host: '127.0.0.1', port: 0 });
}

function authorization({ user, password }: typeof OPS): string {
  return `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
}

async function get(
  url: string,
  { as = OPS, headers = {} }: { as?: typeof OPS; headers?: Record<string, string> } = {},
) {
  const answer = await fetch(url, { headers: { authorization: authorization(as), ...headers } });
  return { status: answer.status, body: await answer.text() };
}

/** Writes all requests at once on one connection. @returns the statuses, in order */
function pipelined(url: string, passwords: readonly string[], headers = ''): Promise<number[]> {
  const { hostname, port } = new URL(url);
  const bytes = passwords
    .map(
      (password, n) =>
        `GET /api/queues HTTP/1.1\r\nhost: x\r\n${headers}authorization: ${authorization({ ...OPS, password })}\r\n` +
        `${n === passwords.length - 1 ? 'connection: close\r\n' : ''}\r\n`,
    )
    .join('');
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname, () => socket.write(bytes));
    let text = '';
    socket.setTimeout(60_000, () => socket.destroy(new Error('The console did not answer.')));
    socket.on('data', (chunk) => {
      text += chunk;
    });
    socket.on('error', reject);
    socket.on('close', () =>
      resolve([...text.matchAll(/HTTP\/1\.1 (\d{3})/g)].map(([, status]) => Number(status))),
    );
  });
}

const guesses = (count: number) => Array.from({ length: count }, (_, n) => `guess number ${n}`);

describe('guesses', () => {
  test('four hundred in one write: ten are judged, and the right one among the rest is not', async () => {
    const url = await startConsole();
    const statuses = await pipelined(url, guesses(400).with(349, OPS.password));
    expect(statuses.filter((status) => status === 401)).toHaveLength(10);
    expect(statuses.filter((status) => status === 429)).toHaveLength(390);
  });

  test('on many connections at once: ten are judged', async () => {
    const url = await startConsole();
    const rounds = await Promise.all(Array.from({ length: 20 }, () => pipelined(url, guesses(20))));
    expect(rounds.flat().filter((status) => status === 401)).toHaveLength(10);
  });

  test('at the operator still count when a viewer signs in between', async () => {
    const url = await startConsole();
    const judged = [];
    for (let n = 0; n < 30; n += 1) {
      expect((await get(`${url}/`, { as: EYES })).status).toBe(200);
      judged.push((await get(`${url}/`, { as: { ...OPS, password: `guess number ${n}` } })).status);
    }
    expect(judged.filter((status) => status === 401)).toHaveLength(10);
    expect((await get(`${url}/`)).status).toBe(429);
  });

  test.each([
    ['a port', (n: number) => `203.0.113.8:${40_001 + n}`],
    ['IPv6 in brackets, and a port', (n: number) => `[2001:db8::8]:${40_001 + n}`],
    ['IPv4 inside IPv6', (n: number) => `[::ffff:203.0.113.8]:${40_001 + n}`],
    ['addresses of one /64', (n: number) => `2001:db8:1:2::${(n + 1).toString(16)}`],
    ['zones', (n: number) => `fe80::1%eth${n}`],
    ['what is no address', (n: number) => `unknown-${n}`],
    ['what the client made up', (n: number) => `198.51.100.${n}, 203.0.113.8:${40_001 + n}`],
  ])('are counted as one person’s, whatever the proxy tells: %s', async (_case, told) => {
    const url = await startConsole({ trustedProxies: ['127.0.0.1'] });
    const statuses = [];
    for (let n = 0; n < 12; n += 1) {
      const headers = { 'x-forwarded-for': told(n) };
      statuses.push(
        (await get(`${url}/`, { as: { ...OPS, password: `guess number ${n}` }, headers })).status,
      );
    }
    expect(statuses).toEqual([...Array(10).fill(401), 429, 429]);
    expect((await get(`${url}/`, { headers: { 'x-forwarded-for': '192.0.2.77' } })).status).toBe(200);
  });

  test('from an address that nobody trusts to tell another: its own counts', async () => {
    const url = await startConsole();
    for (let n = 0; n < 10; n += 1) {
      await get(`${url}/`, {
        as: { ...OPS, password: 'wrong' },
        headers: { 'x-forwarded-for': `192.0.2.${n}` },
      });
    }
    expect((await get(`${url}/`, { headers: { 'x-forwarded-for': '192.0.2.99' } })).status).toBe(429);
  });
});

/** What nginx does: see the snippets in docs/operations/deploying.md. */
type Proxy = (incoming: IncomingMessage) => {
  readonly path: string;
  readonly headers: Record<string, string>;
};

/** @returns the address that browsers see */
async function startProxy(target: () => string, rewrite: Proxy): Promise<string> {
  const server: Server = createServer((incoming, outgoing) => {
    const { path, headers } = rewrite(incoming);
    const { hostname, port } = new URL(target());
    const forwarded = request(
      {
        hostname,
        port,
        path,
        method: incoming.method,
        headers: { ...incoming.headers, ...headers },
        agent: false,
      },
      (answer) => {
        outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(outgoing);
      },
    );
    forwarded.on('error', () => outgoing.destroy());
    incoming.pipe(forwarded);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(
    () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  );
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const TAKES_PREFIX_AWAY: Proxy = ({ url = '/' }) => ({
  path: `/${url.slice(PREFIX.length)}`,
  headers: { host: 'console:3001' },
});
const KEEPS_PREFIX: Proxy = ({ url = '/' }) => ({ path: url, headers: { host: 'console:3001' } });

/** As a browser over plain HTTP asks for a change: with an `Origin`, without `Sec-Fetch-Site`. */
async function pause(seen: string, origin = new URL(seen).origin) {
  const answer = await fetch(`${seen}api/queues/${dialerId}/pause`, {
    method: 'PUT',
    headers: { authorization: authorization(OPS), origin },
  });
  return { status: answer.status, body: await answer.text() };
}

describe('under a path prefix', () => {
  test.each([
    ['that the proxy takes away', TAKES_PREFIX_AWAY],
    ['that the proxy passes on', KEEPS_PREFIX],
  ])('%s: pages, their files, what they ask, and changes', async (_case, rewrite) => {
    let target = '';
    const seen = `${await startProxy(() => target, rewrite)}${PREFIX}`;
    target = await startConsole({ publicUrl: seen });

    const page = await get(seen);
    expect(page.status).toBe(200);
    expect(page.body).toContain(`<base href="${PREFIX}" />`);
    const files = [...page.body.matchAll(/(?:src|href)="(static\/[^"]+)"/g)].map(([, file]) => file);
    expect(files.length).toBeGreaterThan(3);
    for (const file of files) expect([file, (await get(`${seen}${file}`)).status]).toEqual([file, 200]);
    await waitFor(async () => (await get(`${seen}api/queues`)).body.includes(dialerId));
    // A page of the board that is loaded anew.
    expect((await get(`${seen}queue/${dialerId}`)).body).toContain(`<base href="${PREFIX}" />`);
    expect((await pause(seen)).status).toBe(200);
    const elsewhere = await pause(seen, 'https://evil.example');
    expect(elsewhere.status).toBe(403);
    expect(elsewhere.body).toContain('CONSOLE_PUBLIC_URL');
  });
});

describe('behind a proxy over plain HTTP', () => {
  const renames: Proxy = ({ url = '/' }) => ({ path: url, headers: { host: 'console:3001' } });
  const passesOn: Proxy = ({ url = '/' }) => ({ path: url, headers: {} });
  const tells: Proxy = ({ url = '/', headers }) => ({
    path: url,
    headers: {
      host: 'console:3001',
      'x-forwarded-host': headers.host ?? '',
      'x-forwarded-for': '192.0.2.1',
    },
  });

  test.each([
    ['that passes the host on', passesOn, {}],
    ['that is trusted, and tells the host', tells, { trustedProxies: ['loopback'] }],
  ])('%s: its own pages may change something', async (_case, rewrite, options) => {
    const target = await startConsole(options);
    const seen = `${await startProxy(() => target, rewrite)}/`;
    await waitFor(async () => (await get(`${seen}api/queues`)).body.includes(dialerId));
    expect((await pause(seen)).status).toBe(200);
    expect((await pause(seen, 'http://127.0.0.1:1')).status).toBe(403);
  });

  test('that renames it and tells nothing: the refusal says what to set', async () => {
    const target = await startConsole();
    const { status, body } = await pause(`${await startProxy(() => target, renames)}/`);
    expect(status).toBe(403);
    expect(JSON.parse(body)).toMatchObject({ message: expect.stringContaining('set CONSOLE_PUBLIC_URL') });
  });
});
