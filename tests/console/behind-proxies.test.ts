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
import { addTestPerson, signInForm, type TestPerson } from '../kit/console/people.ts';
import { testResources } from '../kit/console/resources.ts';
import { connectDatabase, useDatabase } from '../kit/services/database.ts';
import { useRedis } from '../kit/services/redis.ts';
import { waitFor } from '../kit/wait-for.ts';

/** The console as browsers and guessers meet it: over HTTP, through proxies that rename it, and many requests in one write. */

const postgres = useDatabase();
const redisServer = useRedis();
const OPS = { name: 'ops', password: `right-${randomBytes(9).toString('hex')}` };
const EYES = { name: 'eyes', password: `viewer-${randomBytes(9).toString('hex')}` };
const QUEUE = 'Behind Proxies (ringcx)';
const PREFIX = '/tools/live-feed/';

let database: Database;
let redis: Redis;

beforeAll(async () => {
  database = connectDatabase(postgres.url);
  redis = connectRedis(redisServer.url, 'requests', () => {});
  await whenReady(redis, 10_000);
  const companyId = newId();
  await database.company.create({ data: { id: companyId, name: 'Behind Proxies' } });
  await database.dialer.create({
    data: { id: newId(), companyId, family: 'ringcx', baseUrl: 'http://127.0.0.1:9', accountId: '1' },
  });
  await addTestPerson(database, OPS, 'operator');
  await addTestPerson(database, EYES, 'viewer');
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
    resources: testResources(database, redis),
    redis,
    logger: createLogger({ name: 'console-test', level: 'silent' }),
    metrics: createConsoleMetrics(createMetrics()),
    refreshMs: 20,
    ...options,
  });
  onTestFinished(() => app.close());
  return app.listen({ host: '127.0.0.1', port: 0 });
}

/** Signs in as a browser does, that keeps the cookie. @param url of the console, with a slash at its end */
async function signIn(url: string, person: TestPerson = OPS, headers: Record<string, string> = {}) {
  const form = signInForm(person);
  const answer = await fetch(`${url}sign-in`, {
    method: 'POST',
    redirect: 'manual',
    headers: { ...form.headers, ...headers },
    body: form.payload,
  });
  await answer.arrayBuffer();
  return { status: answer.status, cookie: answer.headers.getSetCookie()[0] ?? '' };
}

async function get(url: string, cookie: string) {
  const answer = await fetch(url, { headers: { cookie: cookie.split(';', 1).join() } });
  return { status: answer.status, body: await answer.text() };
}

/** Writes all requests at once on one connection. @returns the statuses, in order */
function pipelined(url: string, passwords: readonly string[]): Promise<number[]> {
  const { hostname, port } = new URL(url);
  const bytes = passwords
    .map((password, n) => {
      const { payload } = signInForm({ ...OPS, password });
      const last = n === passwords.length - 1 ? 'connection: close\r\n' : '';
      return (
        'POST /sign-in HTTP/1.1\r\nhost: x\r\ncontent-type: application/x-www-form-urlencoded\r\n' +
        `content-length: ${payload.length}\r\n${last}\r\n${payload}`
      );
    })
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
    const url = `${await startConsole()}/`;
    const judged = [];
    for (let n = 0; n < 30; n += 1) {
      expect((await signIn(url, EYES)).status).toBe(303);
      judged.push((await signIn(url, { ...OPS, password: `guess number ${n}` })).status);
    }
    expect(judged.filter((status) => status === 401)).toHaveLength(10);
    expect((await signIn(url)).status).toBe(429);
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
    const url = `${await startConsole({ trustedProxies: ['127.0.0.1'] })}/`;
    const statuses = [];
    for (let n = 0; n < 12; n += 1) {
      const wrong = { ...OPS, password: `guess number ${n}` };
      statuses.push((await signIn(url, wrong, { 'x-forwarded-for': told(n) })).status);
    }
    expect(statuses).toEqual([...Array(10).fill(401), 429, 429]);
    expect((await signIn(url, OPS, { 'x-forwarded-for': '192.0.2.77' })).status).toBe(303);
  });

  test('from an address that nobody trusts to tell another: its own counts', async () => {
    const url = `${await startConsole()}/`;
    for (let n = 0; n < 10; n += 1)
      await signIn(url, { ...OPS, password: 'wrong' }, { 'x-forwarded-for': `192.0.2.${n}` });
    expect((await signIn(url, OPS, { 'x-forwarded-for': '192.0.2.99' })).status).toBe(429);
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
async function pause(seen: string, cookie: string, origin = new URL(seen).origin) {
  const answer = await fetch(`${seen}queues/api/queues/${encodeURIComponent(QUEUE)}/pause`, {
    method: 'PUT',
    headers: { cookie: cookie.split(';', 1).join(), origin },
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
    const { cookie } = await signIn(seen);
    expect(cookie).toContain(`Path=${PREFIX};`);

    const overview = await get(seen, cookie);
    expect(overview.body).toContain(`<base href="${PREFIX}"/>`);
    const files = [...overview.body.matchAll(/(?:src|href)="(assets\/[^"]+)"/g)].map(([, file]) => file);
    expect(files.length).toBeGreaterThan(1);
    for (const file of files) expect([file, (await get(`${seen}${file}`, '')).status]).toEqual([file, 200]);

    const board = await get(`${seen}queues/`, cookie);
    expect(board.body).toContain(`<base href="${PREFIX}queues/" />`);
    const ofBoard = [...board.body.matchAll(/(?:src|href)="(static\/[^"]+)"/g)].map(([, file]) => file);
    expect(ofBoard.length).toBeGreaterThan(3);
    for (const file of ofBoard)
      expect([file, (await get(`${seen}queues/${file}`, cookie)).status]).toEqual([file, 200]);
    await waitFor(async () => (await get(`${seen}queues/api/queues`, cookie)).body.includes(QUEUE));
    // A page of the board that is loaded anew.
    const reloaded = await get(`${seen}queues/queue/${encodeURIComponent(QUEUE)}`, cookie);
    expect(reloaded.body).toContain(`<base href="${PREFIX}queues/" />`);
    expect((await pause(seen, cookie)).status).toBe(200);
    const elsewhere = await pause(seen, cookie, 'https://evil.example');
    expect(elsewhere.status).toBe(403);
    expect(elsewhere.body).toContain('CONSOLE_PUBLIC_URL');
  });

  test('who is not signed in is led to the sign-in under it, and back', async () => {
    let target = '';
    const seen = `${await startProxy(() => target, KEEPS_PREFIX)}${PREFIX}`;
    target = await startConsole({ publicUrl: seen });
    const headers = { accept: 'text/html' };
    const away = await fetch(`${seen}queues/?page=2`, { headers, redirect: 'manual' });
    const to = `${PREFIX}sign-in?to=queues%2F%3Fpage%3D2`;
    expect([away.status, away.headers.get('location')]).toEqual([303, to]);
    const form = signInForm(OPS, 'queues/?page=2');
    const back = await fetch(`${seen}sign-in`, {
      ...form,
      method: 'POST',
      body: form.payload,
      redirect: 'manual',
    });
    expect([back.status, back.headers.get('location')]).toEqual([303, `${PREFIX}queues/?page=2`]);
  });
});

describe('behind a proxy that speaks TLS', () => {
  test('the cookie is sent over TLS only, and no other host can set it', async () => {
    const url = `${await startConsole({ trustedProxies: ['127.0.0.1'] })}/`;
    const { cookie } = await signIn(url, OPS, { 'x-forwarded-proto': 'https' });
    expect(cookie).toMatch(/^__Host-live-feed-session=[\w-]{43};/);
    for (const part of ['Path=/;', 'HttpOnly', 'Secure', 'SameSite=Lax']) expect(cookie).toContain(part);
    expect(cookie).not.toContain('Domain');
  });

  test('also where its public address says so', async () => {
    const url = `${await startConsole({ publicUrl: 'https://ops.example/' })}/`;
    expect((await signIn(url)).cookie).toMatch(/^__Host-/);
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
    const { cookie } = await signIn(seen);
    await waitFor(async () => (await get(`${seen}queues/api/queues`, cookie)).body.includes(QUEUE));
    expect((await pause(seen, cookie)).status).toBe(200);
    expect((await pause(seen, cookie, 'http://127.0.0.1:1')).status).toBe(403);
  });

  test('that renames it and tells nothing: the refusal says what to set', async () => {
    const target = await startConsole();
    const { status, body } = await pause(`${await startProxy(() => target, renames)}/`, '');
    expect(status).toBe(403);
    expect(JSON.parse(body)).toMatchObject({ message: expect.stringContaining('set CONSOLE_PUBLIC_URL') });
  });
});
