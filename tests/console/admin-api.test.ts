import { digestApiKey, hintOf, issueAdminKey, issueApiKey } from '@live-feed/core/crypto/api-key';
import { ROLES, type Role } from '@live-feed/core/directory/role';
import { listAuditEntries } from '@live-feed/database/audit/audit-log';
import { addAdminKey, revokeAdminKey } from '@live-feed/database/directory/admin-keys';
import { addCompany } from '@live-feed/database/directory/companies';
import { isChange } from '@live-feed/operations/operation';
import { OPERATIONS } from '@live-feed/operations/operations';
import { createConfig, lintFromString } from '@redocly/openapi-core';
import { beforeAll, describe, expect, test } from 'vitest';
import { useConsole } from '../kit/console/use-console.ts';

const console = useConsole({ signInLimit: { failures: 10 } });
let acme: { id: string; name: string };
let other: { id: string; name: string };

beforeAll(async () => {
  acme = (await addCompany(console.database, 'Acme Solar')).company;
  other = (await addCompany(console.database, 'Other Roofs')).company;
});

interface KeyOptions {
  readonly companyId?: string | null;
  readonly expiresAt?: Date;
}

async function issue(role: Role, { companyId = null, expiresAt }: KeyOptions = {}) {
  const key = issueAdminKey();
  const id = await addAdminKey(console.database, {
    ...{ label: `a ${role}`, role, companyId, digest: digestApiKey(key), hint: hintOf(key) },
    expiresAt: expiresAt ?? null,
  });
  return { id, key };
}

interface Ask {
  readonly method?: 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE';
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly remoteAddress?: string;
}

async function ask(
  key: string | undefined,
  path: string,
  { method = 'GET', body, headers, ...more }: Ask = {},
) {
  const response = await console.app.inject({
    ...{ method, url: `/admin/v1${path}`, ...more },
    headers: {
      ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body === undefined ? {} : { payload: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const isJson = /json/.test(String(response.headers['content-type']));
  const answer = isJson ? response.json() : response.body;
  return { status: response.statusCode, headers: response.headers, body: answer };
}

describe('keys', () => {
  test('a request needs one that works: of this API, not expired, not revoked', async () => {
    const [good, gone, expired] = [
      await issue('viewer'),
      await issue('viewer'),
      await issue('viewer', { expiresAt: new Date(Date.now() - 1) }),
    ];
    await revokeAdminKey(console.database, gone.id);
    expect(await ask(good.key, '/audit')).toMatchObject({
      status: 200,
      headers: { 'cache-control': 'no-store' },
    });
    for (const key of [undefined, gone.key, expired.key, issueAdminKey(), issueApiKey(), 'x']) {
      expect(await ask(key, '/audit', { remoteAddress: '203.0.113.1' })).toMatchObject({
        status: 401,
        headers: {
          'content-type': expect.stringContaining('application/problem+json'),
          'www-authenticate': expect.stringContaining('Bearer'),
        },
        body: { status: 401, detail: expect.stringContaining('bearer token') },
      });
    }
  });

  test('a session of the console is none, and a key opens no page', async () => {
    const { cookie } = await console.as('admin');
    expect(await ask(undefined, '/audit', { headers: { cookie } })).toMatchObject({ status: 401 });
    const { key } = await issue('admin');
    const page = await console.app.inject({ url: '/', headers: { authorization: `Bearer ${key}` } });
    expect(page.statusCode).not.toBe(200);
  });

  test('guessing is stopped, for that address only', async () => {
    const { key } = await issue('viewer');
    const from = (remoteAddress: string, given: string) => ask(given, '/audit', { remoteAddress });
    for (let n = 0; n < 40; n += 1) await from('203.0.113.66', issueAdminKey());
    expect(await from('203.0.113.66', issueAdminKey())).toMatchObject({
      status: 429,
      headers: { 'retry-after': expect.stringMatching(/^\d+$/) },
    });
    expect(await from('203.0.113.67', key)).toMatchObject({ status: 200 });
  });

  test('guesses from many addresses keep nobody else out', async () => {
    const { key } = await issue('viewer');
    for (let n = 0; n < 120; n += 1) {
      await ask(issueAdminKey(), '/audit', { remoteAddress: `198.51.100.${n}` });
    }
    expect(await ask(key, '/audit', { remoteAddress: '203.0.113.68' })).toMatchObject({ status: 200 });
  });
});

/** Each operation with a role, as its route says it, for a company that exists. */
const ROWS = OPERATIONS.flatMap((operation) => ROLES.map((role) => ({ operation, role })));

describe('roles', () => {
  test.each(ROWS)('$operation.name as $role', async ({ operation, role }) => {
    const { key } = await issue(role);
    const [method, route] = operation.route.split(' ') as [NonNullable<Ask['method']>, string];
    const path = route
      .replaceAll(':company', acme.id)
      .replaceAll(/:\w+/g, '019a3f6e-7c1b-7d20-9a57-1f0c8e2b4d61');
    const { status, body } = await ask(key, path, { method, ...(method === 'GET' ? {} : { body: {} }) });
    const mayNot = status === 403 && body.detail.startsWith(`Your role is ${role}`);
    // Input is judged first; what is wrong with it tells nothing.
    expect([mayNot || status === 400, status < 500]).toEqual([
      ROLES.indexOf(role) < ROLES.indexOf(operation.role) || status === 400,
      true,
    ]);
  });

  test('a viewer changes nothing, whatever it sends', async () => {
    const { key } = await issue('viewer');
    const body = { campaignIds: ['4711'] };
    const refused = await ask(key, `/companies/${acme.id}/campaigns`, { method: 'POST', body });
    expect(refused).toMatchObject({
      status: 403,
      body: { detail: expect.stringContaining('needs the role operator') },
    });
    const { body: listed } = await ask(key, `/companies/${acme.id}/campaigns`);
    expect(listed).toEqual({ company: acme, campaigns: [] });
    expect(OPERATIONS.filter((operation) => isChange(operation) && operation.role === 'viewer')).toEqual([]);
  });

  test('a key of one company changes its dialer, but not where leads and the token go', async () => {
    const path = `/companies/${other.id}/dialer`;
    const put = (key: string, body: object) => ask(key, path, { method: 'PUT', body });
    const [own, all] = [await issue('admin', { companyId: other.id }), await issue('admin')];
    const place = { family: 'ringcx', baseUrl: 'https://ringcx.example/voice/api', accountId: '12' };
    expect(await put(own.key, place)).toMatchObject({ status: 403 });
    expect(await put(all.key, { ...place, token: 'of-the-dialer' })).toMatchObject({ status: 200 });
    expect(await put(own.key, { maxInFlight: 2 })).toMatchObject({ status: 200 });
    for (const moved of [
      { baseUrl: 'https://elsewhere.example/voice/api' },
      { baseUrl: 'http://127.0.0.1:9090' },
      { accountId: '13' },
      { family: 'newbridge' },
      { ...place, baseUrl: 'https://elsewhere.example/voice/api', force: true },
    ]) {
      expect(await put(own.key, moved)).toMatchObject({
        status: 403,
        body: { detail: expect.stringContaining('must reach all') },
      });
    }
    expect(await console.database.dialer.findUniqueOrThrow({ where: { companyId: other.id } })).toMatchObject(
      place,
    );
  });

  test('to a key of one company, others do not exist', async () => {
    const { key } = await issue('admin', { companyId: acme.id });
    for (const name of [other.id, encodeURIComponent(other.name), 'nobody']) {
      expect(await ask(key, `/companies/${name}/campaigns`)).toMatchObject({
        status: 404,
        body: { detail: `There is no company "${decodeURIComponent(name)}".`, see: 'company.list' },
      });
    }
    expect(await ask(key, '/admin-keys')).toMatchObject({ status: 403 });
    expect(await ask(key, `/companies/${acme.id}/campaigns`)).toMatchObject({ status: 200 });
  });
});

describe('operations', () => {
  test('a change is made, answered, and recorded with the key that made it', async () => {
    const { id, key } = await issue('operator');
    const added = await ask(key, '/companies/acme%20solar/campaigns', {
      method: 'POST',
      body: { campaignIds: ['5001', '5002'] },
    });
    expect(added).toMatchObject({
      status: 200,
      body: { company: acme, added: ['5001', '5002'], alreadyThere: [] },
    });
    const [entry] = await listAuditEntries(console.database, { limit: 1 });
    expect(entry).toMatchObject({
      ...{
        operation: 'campaign.add',
        actorId: id,
        actor: 'a operator',
        via: 'admin-api',
        origin: '127.0.0.1',
      },
      end: { outcome: 'done' },
    });
  });

  test('the path counts, whatever the body says, and queries are read as what they are', async () => {
    const { key } = await issue('admin');
    await ask(key, `/companies/${acme.id}/campaigns`, {
      method: 'POST',
      body: { company: other.id, campaignIds: ['6001'] },
    });
    expect((await ask(key, `/companies/${other.id}/campaigns`)).body.campaigns).toEqual([]);
    expect((await ask(key, '/audit?limit=1&operation=campaign.')).body.entries).toHaveLength(1);
    expect(await ask(key, '/audit?limit=many')).toMatchObject({
      status: 400,
      body: { problems: [{ member: 'limit', message: 'send a number, not text' }] },
    });
  });

  test('a member that the operation does not have is refused, before anything is done', async () => {
    const { key } = await issue('admin');
    const path = `/companies/${acme.id}/leads/resend`;
    expect(await ask(key, path, { method: 'POST', body: { state: 'REJECTED', dryRun: true } })).toMatchObject(
      {
        status: 400,
        body: { problems: [{ member: 'state', message: expect.stringContaining('states') }] },
      },
    );
    expect(await ask(key, '/leads?campaing=5001')).toMatchObject({
      status: 400,
      body: { problems: [{ member: 'campaing', message: expect.stringContaining('campaign') }] },
    });
    const inherited = await ask(key, path, { method: 'POST', body: '{"toString": "x"}' });
    expect(inherited).toMatchObject({ status: 400, body: { problems: [{ member: 'toString' }] } });
  });

  test.each([
    ['no JSON', '{', 400],
    ['a list', '[]', 400],
    ['a member too few', '{}', 400],
    ['a wrong member', '{"campaignIds": "1"}', 400],
    ['far too much', `{"campaignIds": ["${'1'.repeat(11_000_000)}"]}`, 413],
  ])('%s is refused with what is wrong', async (_case, body, status) => {
    const { key } = await issue('admin');
    const refused = await ask(key, `/companies/${acme.id}/campaigns`, { method: 'POST', body });
    expect(refused).toMatchObject({
      status,
      body: { status, detail: expect.any(String), requestId: expect.any(String) },
    });
  });

  test('what is nowhere is told where to look', async () => {
    const { key } = await issue('viewer');
    expect(await ask(key, '/nowhere')).toMatchObject({
      status: 404,
      body: { detail: expect.stringContaining('openapi.json') },
    });
    expect(await ask(undefined, '/nowhere')).toMatchObject({ status: 401 });
  });
});

describe('the document', () => {
  test('is valid, and has every operation', async () => {
    const { key } = await issue('viewer');
    const { body: document } = await ask(key, '/openapi.json');
    const config = await createConfig({ extends: ['spec'] });
    const problems = await lintFromString({ source: JSON.stringify(document), config });
    expect(problems.map(({ message, location }) => [message, location[0]?.pointer])).toEqual([]);
    const ids = Object.values<Record<string, { operationId: string }>>(document.paths).flatMap((path) =>
      Object.values(path).map(({ operationId }) => operationId),
    );
    expect(ids.sort()).toEqual(OPERATIONS.map(({ name }) => name).sort());
  });
});
