import { buildConsole } from '@live-feed/console/console';
import { createConsoleMetrics } from '@live-feed/console/console-metrics';
import type { SessionLimits } from '@live-feed/console/sign-in/sessions';
import type { Database } from '@live-feed/database/connection/client';
import { closeRedis, connectRedis, type Redis, whenReady } from '@live-feed/queue/redis/redis';
import { createLogger } from '@live-feed/runtime/logging/logger';
import { createMetrics } from '@live-feed/runtime/monitoring/metrics';
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { addTestPerson, type Console, signIn, signInForm, type TestPerson } from '../kit/console/people.ts';
import { testResources } from '../kit/console/resources.ts';
import { connectDatabase, useDatabase } from '../kit/services/database.ts';
import { useRedis } from '../kit/services/redis.ts';

/** Who gets a session, how long it lasts, and what is told to those who have none. */

const postgres = useDatabase();
const redisServer = useRedis();
const FIRST = { name: 'ops', password: 'correct horse battery' };
const EYES = { name: 'Eyes@Example.com', password: 'staple of the viewers' };
const lines: string[] = [];

let database: Database;
let redis: Redis;
let console: Console;

beforeAll(async () => {
  database = connectDatabase(postgres.url);
  redis = connectRedis(redisServer.url, 'requests', () => {});
  await whenReady(redis, 10_000);
  console = await startConsole();
  await addTestPerson(database, EYES, 'viewer');
});
beforeEach(() => {
  lines.length = 0;
});
afterAll(async () => {
  await console?.close();
  if (redis !== undefined) await closeRedis(redis);
  await database?.$disconnect();
});

async function startConsole(sessionLimits: Partial<SessionLimits> = {}): Promise<Console> {
  const app = await buildConsole({
    resources: testResources(database, redis),
    redis,
    logger: createLogger({
      name: 'console-test',
      level: 'info',
      destination: { write: (line) => void lines.push(line) },
    }),
    metrics: createConsoleMetrics(createMetrics()),
    firstPerson: FIRST,
    trustedProxies: ['127.0.0.1'],
    signInLimit: { failures: 5, forMs: 60_000 },
    sessionLimits,
  });
  await app.ready();
  return app;
}

/** @param address as a proxy in front tells it */
function tryToSignIn(person: TestPerson, address: string, app = console) {
  const { headers, payload } = signInForm(person);
  return app.inject({
    method: 'POST',
    url: '/sign-in',
    headers: { ...headers, 'x-forwarded-for': address },
    payload,
  });
}

async function statusFor(cookie: string, app = console): Promise<number> {
  return (await app.inject({ url: '/', headers: { cookie } })).statusCode;
}

describe('who is let in', () => {
  test('nobody without a session, wherever they go', async () => {
    for (const { method, url } of [
      { method: 'GET', url: '/' },
      { method: 'GET', url: '/queues/api/queues' },
      { method: 'GET', url: '/queues/static/favicon.ico' },
      { method: 'GET', url: '/nowhere' },
      { method: 'PUT', url: '/queues/api/queues/pause' },
      { method: 'POST', url: '/sign-out' },
      { method: 'POST', url: '/nowhere' },
    ] as const) {
      for (const cookie of ['', 'live-feed-session=', 'live-feed-session=of-nobody']) {
        const response = await console.inject({ method, url, headers: { cookie } });
        expect([method, url, response.statusCode]).toEqual([method, url, 401]);
        expect(response.json().message).toContain('Sign in');
      }
    }
  });

  test('a browser is led to the sign-in page, and htmx is told to go there', async () => {
    const page = await console.inject({ url: '/nowhere?a=b', headers: { accept: 'text/html' } });
    expect([page.statusCode, page.headers.location]).toEqual([303, '/sign-in?to=nowhere%3Fa%3Db']);
    const part = await console.inject({ url: '/' });
    expect(part.headers['hx-redirect']).toBe('/sign-in');
    const signInPage = await console.inject({ url: '/sign-in?to=nowhere' });
    expect(signInPage.body).toContain('<input type="hidden" name="to" value="nowhere"/>');
  });

  test('the first person, an admin, under the name of the configuration', async () => {
    const { cookie } = await signIn(console, FIRST);
    const page = await console.inject({ url: '/', headers: { cookie } });
    expect(page.statusCode).toBe(200);
    expect(page.body).toContain('ops');
    expect(page.body).toContain('<span class="badge off">admin</span>');
  });

  test('the first person is added once, also when consoles start at the same time', async () => {
    const others = await Promise.all([startConsole(), startConsole()]);
    await Promise.all(others.map((app) => app.close()));
    expect(await database.person.count({ where: { name: 'ops' } })).toBe(1);
  });

  test('a name in any case', async () => {
    await signIn(console, { ...EYES, name: ' eyes@EXAMPLE.com' });
  });

  test('nobody with a wrong name or password', async () => {
    for (const wrong of [
      { ...FIRST, password: 'incorrect horse' },
      { ...FIRST, name: 'root' },
      { ...EYES, password: FIRST.password },
      { name: '', password: '' },
    ]) {
      const response = await tryToSignIn(wrong, '192.0.2.1');
      expect(response.statusCode).toBe(401);
      expect(response.body).toContain('Wrong name or password.');
      expect(response.cookies).toEqual([]);
    }
  });

  test('nobody who has no password, or is disabled', async () => {
    const id = await addTestPerson(database, { name: 'gone', password: 'was here before' }, 'admin');
    const { cookie } = await signIn(console, { name: 'gone', password: 'was here before' });
    await database.person.update({ where: { id }, data: { disabledAt: new Date() } });
    expect(await statusFor(cookie)).toBe(401);
    expect((await tryToSignIn({ name: 'gone', password: 'was here before' }, '192.0.2.9')).statusCode).toBe(
      401,
    );
    await database.person.update({ where: { id }, data: { disabledAt: null, passwordHash: null } });
    expect((await tryToSignIn({ name: 'gone', password: '' }, '192.0.2.9')).statusCode).toBe(401);
  });

  test('anybody to the health check', async () => {
    const response = await console.inject('/healthz');
    expect([response.statusCode, response.json()]).toEqual([200, { status: 'ok' }]);
  });

  test('nobody from an address that guesses, with the right password neither; others are', async () => {
    for (let n = 0; n < 5; n += 1)
      expect((await tryToSignIn({ ...FIRST, password: `guess ${n}` }, '192.0.2.2')).statusCode).toBe(401);
    const blocked = await tryToSignIn(FIRST, '192.0.2.2');
    expect(blocked.statusCode).toBe(429);
    expect(Number(blocked.headers['retry-after'])).toBeGreaterThan(0);
    expect((await tryToSignIn(FIRST, '192.0.2.3')).statusCode).toBe(303);
  });

  test('nobody by a form of another site', async () => {
    const { headers, payload } = signInForm(FIRST);
    const response = await console.inject({
      method: 'POST',
      url: '/sign-in',
      headers: { ...headers, 'sec-fetch-site': 'cross-site' },
      payload,
    });
    expect(response.statusCode).toBe(403);
  });

  test('what was typed as a name is not logged: it may be the password', async () => {
    await tryToSignIn({ name: 'a password in the wrong field', password: '' }, '192.0.2.4');
    expect(lines.join('')).toContain('"ip":"192.0.2.4"');
    expect(lines.join('')).not.toContain('wrong field');
  });
});

describe('a session', () => {
  test('is a secret cookie; the database has a digest of it, the address and the browser in short', async () => {
    const { headers, payload } = signInForm(FIRST);
    const agent = 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/140.0.0.0 Safari/537.36';
    const response = await console.inject({
      method: 'POST',
      url: '/sign-in',
      headers: { ...headers, 'user-agent': agent, 'x-forwarded-for': '192.0.2.5' },
      payload,
    });
    const [cookie] = response.cookies;
    expect(cookie).toMatchObject({ name: 'live-feed-session', path: '/', httpOnly: true, sameSite: 'Lax' });
    const row = await database.session.findFirstOrThrow({ where: { address: '192.0.2.5' } });
    expect(row).toMatchObject({ browser: 'Chrome on Linux' });
    expect(JSON.stringify(row)).not.toContain(cookie?.value);
  });

  test('ends when its person signs out, and no other does', async () => {
    const [one, other] = [await signIn(console, FIRST), await signIn(console, FIRST)];
    const response = await console.inject({ method: 'POST', url: '/sign-out', headers: one });
    expect([response.statusCode, response.headers.location]).toEqual([303, '/sign-in']);
    expect(await statusFor(one.cookie)).toBe(401);
    expect(await statusFor(other.cookie)).toBe(200);
  });

  test('ends when it is not used', async () => {
    const app = await startConsole({ idleMs: 60_000 });
    onTestFinished(() => app.close());
    const { cookie } = await signIn(app, FIRST);
    const { id } = await latestSession();
    await database.$executeRaw`UPDATE sessions SET last_seen_at = now() - interval '50 s' WHERE id = ${id}::uuid`;
    expect(await statusFor(cookie, app)).toBe(200);
    await database.$executeRaw`UPDATE sessions SET last_seen_at = now() - interval '61 s' WHERE id = ${id}::uuid`;
    expect(await statusFor(cookie, app)).toBe(401);
  });

  test('is in use for as long as its person looks at pages', async () => {
    const { cookie } = await signIn(console, FIRST);
    const { id } = await latestSession();
    await database.$executeRaw`UPDATE sessions SET last_seen_at = now() - interval '1 h' WHERE id = ${id}::uuid`;
    expect(await statusFor(cookie)).toBe(200);
    const [row] = await database.$queryRaw<{ fresh: boolean }[]>`
      SELECT last_seen_at > now() - interval '1 min' AS fresh FROM sessions WHERE id = ${id}::uuid`;
    expect(row?.fresh).toBe(true);
  });

  test('ends at its end, however much it is used, and is removed when somebody signs in', async () => {
    const { cookie } = await signIn(console, FIRST);
    const { id } = await latestSession();
    await database.$executeRaw`UPDATE sessions SET ends_at = now() WHERE id = ${id}::uuid`;
    expect(await statusFor(cookie)).toBe(401);
    await signIn(console, EYES);
    expect(await database.session.count({ where: { id } })).toBe(0);
  });

  test('is one of a few of its person: a new one ends the one that was used least recently', async () => {
    const app = await startConsole({ most: 2 });
    onTestFinished(() => app.close());
    const person = { name: 'many', password: 'in many browsers' };
    const personId = await addTestPerson(database, person, 'viewer');
    const sessions = [];
    for (let n = 0; n < 3; n += 1) sessions.push(await signIn(app, person));
    expect(await Promise.all(sessions.map(({ cookie }) => statusFor(cookie, app)))).toEqual([401, 200, 200]);
    expect(await database.session.count({ where: { personId } })).toBe(2);
  });

  test('of a browser ends when somebody signs in anew in it', async () => {
    const before = await signIn(console, FIRST);
    const after = await signIn(console, EYES, before);
    expect(await statusFor(before.cookie)).toBe(401);
    expect(await statusFor(after.cookie)).toBe(200);
  });
});

async function latestSession() {
  return database.session.findFirstOrThrow({ orderBy: { id: 'desc' } });
}

test('pages may load nothing from elsewhere, run and style nothing of their own, and are not framed or kept', async () => {
  const { cookie } = await signIn(console, FIRST);
  for (const url of ['/', '/sign-in', '/nowhere']) {
    const { headers, body } = await console.inject({ url, headers: { cookie, accept: 'text/html' } });
    const policy = String(headers['content-security-policy']);
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toContain('unsafe');
    expect(headers).toMatchObject({ 'x-content-type-options': 'nosniff', 'cache-control': 'no-store' });
    expect(body).not.toMatch(/ style=| on\w+=|<style|<script>/);
  }
});

test('styles and scripts may be kept for ever, as their names change with them', async () => {
  const { body } = await console.inject('/sign-in');
  const files = [...body.matchAll(/(?:src|href)="(assets\/[^"]+)"/g)].map(([, file]) => file);
  expect(files.length).toBeGreaterThan(1);
  for (const file of files) {
    const { statusCode, headers } = await console.inject(`/${file}`);
    expect([statusCode, headers['cache-control']]).toEqual([200, 'public, max-age=31536000, immutable']);
  }
});

test('the colours that a person has chosen are kept in the browser', async () => {
  const session = await signIn(console, FIRST);
  const response = await console.inject({
    method: 'POST',
    url: '/theme',
    headers: { ...session, 'content-type': 'application/x-www-form-urlencoded' },
    payload: 'theme=dark&to=leads%3Fpage%3D2',
  });
  expect([response.statusCode, response.headers.location]).toEqual([303, '/leads?page=2']);
  const [theme] = response.cookies;
  const cookie = `${session.cookie}; ${theme?.name}=${theme?.value}`;
  expect((await console.inject({ url: '/', headers: { cookie } })).body).toContain(
    '<html lang="en" data-theme="dark">',
  );
});
