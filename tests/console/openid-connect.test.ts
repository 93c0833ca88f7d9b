import { buildConsole } from '@live-feed/console/console';
import { createConsoleMetrics } from '@live-feed/console/console-metrics';
import type { Role } from '@live-feed/core/directory/role';
import { newId } from '@live-feed/core/ids';
import { listAuditEntries } from '@live-feed/database/audit/audit-log';
import { createLogger } from '@live-feed/runtime/logging/logger';
import { createMetrics } from '@live-feed/runtime/monitoring/metrics';
import { freePort } from '@live-feed/tools/services/free-port';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openBrowser } from '../kit/console/browser.ts';
import { CLIENT, type IdentityProvider, startIdentityProvider } from '../kit/console/identity-provider.ts';
import { addTestPerson, type Console } from '../kit/console/people.ts';
import { testResources } from '../kit/console/resources.ts';
import { useConsole } from '../kit/console/use-console.ts';

/** Signing in with a provider of OpenID Connect, which is a real one. */

const testConsole = useConsole();
const lines: string[] = [];
/** Where consoles are seen that refuse whom they do not know, that add them, and whose provider is away. */
let urls: { readonly refuses: string; readonly adds: string; readonly alone: string };
let provider: IdentityProvider;
const apps: Console[] = [];

beforeAll(async () => {
  urls = { refuses: await newUrl(), adds: await newUrl(), alone: await newUrl() };
  const redirectUris = Object.values(urls).map((url) => `${url}sign-in/oidc/callback`);
  provider = await startIdentityProvider(redirectUris);
  const gone = await startIdentityProvider(redirectUris);
  await gone.stop();
  await startConsole(urls.refuses, provider.issuer);
  await startConsole(urls.adds, provider.issuer, 'viewer');
  await startConsole(urls.alone, gone.issuer);
});
afterAll(async () => {
  await Promise.all(apps.map((app) => app.close()));
  await provider?.stop();
});

async function newUrl(): Promise<string> {
  return `http://127.0.0.1:${await freePort()}/`;
}

/** A console on the database of `testConsole`. */
async function startConsole(publicUrl: string, issuer: string, newRole?: Role): Promise<void> {
  const { database, redis } = testConsole;
  const app = await buildConsole({
    resources: testResources(database, redis),
    redis,
    logger: createLogger({
      name: 'oidc',
      level: 'info',
      destination: { write: (line) => void lines.push(line) },
    }),
    metrics: createConsoleMetrics(createMetrics()),
    publicUrl,
    oidc: { issuer, clientId: CLIENT.id, clientSecret: CLIENT.secret, scopes: 'openid email', newRole },
  });
  apps.push(app);
  await app.listen({ host: '127.0.0.1', port: Number(new URL(publicUrl).port) });
}

const email = () => `${newId()}@example.com`;

test('who has a verified e-mail address that the console knows is signed in, and led where they wanted to go', async () => {
  const { refuses: publicUrl } = urls;
  const name = email();
  await addTestPerson(testConsole.database, { name, password: 'not needed here' }, 'admin');
  provider.account = { email: name.toUpperCase(), email_verified: true };
  const browser = openBrowser();
  const signInPage = await browser.get(`${publicUrl}people`);
  const [, link = ''] = /href="(sign-in\/oidc[^"]+)"/.exec(signInPage.body) ?? [];
  const seen = await browser.get(`${publicUrl}${link.replaceAll('&amp;', '&')}`);
  expect([seen.status, seen.url]).toEqual([200, `${publicUrl}people`]);
  expect(seen.body).toContain(name);
});

test('who is not known is refused in words that say what to do, and nobody is added', async () => {
  const { refuses: publicUrl } = urls;
  const name = email();
  provider.account = { email: name, email_verified: true };
  const seen = await openBrowser().get(`${publicUrl}sign-in/oidc`);
  expect(seen.status).toBe(403);
  expect(seen.body).toContain(name);
  expect(seen.body).toContain('Ask an admin of the console to add you.');
  expect(await testConsole.database.person.count({ where: { name } })).toBe(0);
});

test('who is not known is added where a role is set, and that is recorded', async () => {
  const { adds: publicUrl } = urls;
  const name = email();
  provider.account = { email: name, email_verified: true };
  expect((await openBrowser().get(`${publicUrl}sign-in/oidc`)).status).toBe(200);
  expect(await testConsole.database.person.findUnique({ where: { name } })).toMatchObject({
    ...{ role: 'viewer', companyId: null, passwordHash: null },
  });
  const [entry] = await listAuditEntries(testConsole.database, { limit: 1 });
  expect(entry).toMatchObject({ operation: 'person.add', actor: 'OpenID Connect', end: { target: name } });
});

test.each([
  ['an address that is not verified', { email: 'known@example.com', email_verified: false }],
  ['an address of which that is not said', { email: 'known@example.com' }],
  ['no address', {}],
])('%s signs nobody in', async (_case, account) => {
  const { adds: publicUrl } = urls;
  const known = { name: 'known@example.com', password: 'not needed here' };
  await testConsole.database.person.deleteMany({ where: { name: known.name } });
  await addTestPerson(testConsole.database, known, 'admin');
  provider.account = account;
  const seen = await openBrowser().get(`${publicUrl}sign-in/oidc`);
  expect(seen.status).toBe(403);
  expect(seen.body).toContain('has not verified');
});

test('who is disabled is not signed in, nor added anew', async () => {
  const { adds: publicUrl } = urls;
  const name = email();
  const id = await addTestPerson(testConsole.database, { name, password: 'not needed here' }, 'admin');
  await testConsole.database.person.update({ where: { id }, data: { disabledAt: new Date() } });
  provider.account = { email: name, email_verified: true };
  const seen = await openBrowser().get(`${publicUrl}sign-in/oidc`);
  expect(seen.status).toBe(403);
});

test('an answer that nobody in this browser asked for signs nobody in', async () => {
  const { refuses: publicUrl } = urls;
  const name = email();
  await addTestPerson(testConsole.database, { name, password: 'not needed here' }, 'viewer');
  provider.account = { email: name, email_verified: true };
  const callback = `${publicUrl}sign-in/oidc/callback`;
  expect((await openBrowser().get(`${callback}?code=stolen&state=x`)).status).toBe(400);
  // Begun in this browser, answered with what is not the provider's.
  const begun = await fetch(`${publicUrl}sign-in/oidc`, { redirect: 'manual' });
  const [cookie = ''] = begun.headers.getSetCookie();
  const state = new URL(begun.headers.get('location') ?? '').searchParams.get('state');
  for (const query of [
    'code=forged&state=another',
    `code=forged&state=${state}`,
    `error=access_denied&state=${state}`,
  ]) {
    const answer = await fetch(`${callback}?${query}&iss=${encodeURIComponent(provider.issuer)}`, {
      headers: { cookie: cookie.split(';', 1).join(), accept: 'text/html' },
      redirect: 'manual',
    });
    expect(answer.status).toBe(401);
    expect(answer.headers.getSetCookie().join()).not.toContain('session');
  }
});

test('a provider that cannot be reached is told, and asked again at the next sign-in', async () => {
  const { alone: publicUrl } = urls;
  for (let n = 0; n < 2; n += 1) {
    const seen = await openBrowser().get(`${publicUrl}sign-in/oidc`);
    expect(seen.status).toBe(503);
    expect(seen.body).toContain('cannot be reached');
  }
});

test('no token, code or secret is logged', () => {
  expect(lines.length).toBeGreaterThan(0);
  expect(lines.join('\n')).not.toMatch(/code=|id_token|access_token|secret of the client/);
});
