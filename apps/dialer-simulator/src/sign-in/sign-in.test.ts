import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Client, JANE, OPTIONS, startSimulator } from '../test-client.ts';

const JWT = 'eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiI2MiJ9.c2lnbmF0dXJl';
const GRANT = 'urn:ietf:params:oauth:grant-type:jwt-bearer';
const UPLOAD = '/voice/api/v1/admin/accounts/99/campaigns/123/leadLoader/direct';

let nowMs = 0;
let simulator: Client;

beforeEach(async () => {
  nowMs = Date.UTC(2026, 0, 2);
  simulator = await startSimulator({ clock: () => nowMs });
});
afterEach(() => simulator.app.close());

async function form(path: string, fields: Record<string, string>, headers: Record<string, string> = {}) {
  const response = await fetch(simulator.url + path, {
    method: 'POST',
    headers,
    body: new URLSearchParams(fields),
  });
  const text = await response.text();
  return { status: response.status, body: text.startsWith('{') ? JSON.parse(text) : text };
}

function signIn({ clientId = 'client', secret = 'secret', jwt = JWT } = {}) {
  const authorization = `Basic ${Buffer.from(`${clientId}:${secret}`).toString('base64')}`;
  return form('/restapi/oauth/token', { grant_type: GRANT, assertion: jwt }, { authorization });
}

const exchange = (rcAccessToken: string) =>
  form('/api/auth/login/rc/accesstoken?includeRefresh=true', { rcAccessToken, rcTokenType: 'Bearer' });
const refresh = (token: string) => form('/api/auth/token/refresh', { refresh_token: token });

async function upload(token: string) {
  const response = await fetch(simulator.url + UPLOAD, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ ...OPTIONS, uploadLeads: [JANE] }),
  });
  return { status: response.status, text: await response.text() };
}

async function signedIn() {
  const { body } = await exchange((await signIn()).body.access_token);
  return body as { accessToken: string; refreshToken: string };
}

describe('signing in', () => {
  test('a JWT credential becomes a bearer token that loads leads, for five minutes', async () => {
    expect((await signIn()).body).toMatchObject({ access_token: expect.any(String), expires_in: 3_600 });
    const { accessToken } = await signedIn();
    expect((await upload(accessToken)).status).toBe(200);
    nowMs += 299_999;
    expect((await upload(accessToken)).status).toBe(200);
    nowMs += 1;
    expect(await upload(accessToken)).toEqual({ status: 401, text: 'Jwt is expired' });
    expect(await simulator.held()).toEqual(['jane', 'jane']);
    expect((await upload('another')).status).toBe(401);
  });

  test('a permanent token works beside it', async () => {
    await signedIn();
    expect((await simulator.upload([JANE])).status).toBe(200);
  });

  test.each([
    ['no client secret', { secret: '' }, 401, 'invalid_client'],
    ['a revoked client secret', { secret: 'revoked' }, 401, 'invalid_client'],
    ['a revoked JWT', { jwt: 'a.b.c' }, 400, 'invalid_grant'],
    ['what is no JWT', { jwt: 'abc' }, 400, 'invalid_request'],
  ])('refuses %s', async (_what, credential, status, error) => {
    await simulator.scenario({ revokedTokens: ['revoked', 'a.b.c'] });
    expect(await signIn(credential)).toMatchObject({ status, body: { error } });
  });

  test('an access token of RingCentral ends after an hour', async () => {
    const { access_token } = (await signIn()).body;
    nowMs += 3_600_000;
    expect((await exchange(access_token)).status).toBe(401);
  });

  test('a refresh token is spent by its first use, and outlives the bearer token', async () => {
    const { refreshToken } = await signedIn();
    nowMs += 600_000;
    const { status, body } = await refresh(refreshToken);
    expect(status).toBe(200);
    expect((await upload(body.accessToken)).status).toBe(200);
    expect((await refresh(refreshToken)).status).toBe(401);
    expect((await refresh(body.refreshToken)).status).toBe(200);
  });

  test('five exchanges a minute for each account, whatever the scenario says', async () => {
    const { access_token } = (await signIn()).body;
    for (let n = 0; n < 5; n += 1) expect((await exchange(access_token)).status).toBe(200);
    await simulator.scenario({});
    expect((await exchange(access_token)).status).toBe(429);
    const another = (await signIn({ jwt: 'x.y.z' })).body.access_token;
    expect((await exchange(another)).status).toBe(200);
    nowMs += 60_000;
    expect((await exchange(access_token)).status).toBe(200);
    expect(await simulator.control('stats')).toMatchObject({
      signIns: { signIn: 2, exchange: 8, refresh: 0 },
      limitViolations: { total: 1, last: [{ operation: 'exchange' }] },
    });
  });

  test('secrets are not in the log of requests', async () => {
    const { refreshToken } = await signedIn();
    await refresh(refreshToken);
    const log = JSON.stringify(await simulator.control('requests'));
    expect(log).toContain('grant_type=***&assertion=***');
    for (const secret of [JWT, refreshToken, 'secret']) expect(log).not.toContain(secret);
  });
});

describe('faults', () => {
  test('a bearer token ends in mid-flight, and stays ended', async () => {
    const { accessToken } = await signedIn();
    await simulator.scenario({ rules: [{ on: 'upload', times: 1, fault: { kind: 'expire' } }] });
    expect(await upload(accessToken)).toEqual({ status: 401, text: 'Jwt is expired' });
    expect((await upload(accessToken)).status).toBe(401);
    expect((await upload((await signedIn()).accessToken)).status).toBe(200);
    expect(await simulator.held()).toEqual(['jane']);
  });

  test('a permanent token has no such end', async () => {
    await simulator.scenario({ rules: [{ on: 'upload', fault: { kind: 'expire' } }] });
    expect((await simulator.upload([JANE])).status).toBe(200);
  });

  test('lives are set by the scenario', async () => {
    await simulator.scenario({ bearerLifeMs: 2_000, rcTokenLifeMs: 5_000 });
    const { access_token, expires_in } = (await signIn()).body;
    expect(expires_in).toBe(5);
    const { body } = await exchange(access_token);
    nowMs += 2_000;
    expect((await upload(body.accessToken)).text).toBe('Jwt is expired');
  });

  test('each call that signs in can be refused, throttled or broken off, for one client alone', async () => {
    const { access_token } = (await signIn()).body;
    const { refreshToken } = await signedIn();
    await simulator.scenario({
      rules: [
        { on: 'signIn', match: { clientId: 'client' }, fault: { kind: 'status', status: 503 } },
        { on: 'exchange', fault: { kind: 'status', status: 429, retryAfter: 7 } },
        { on: 'refresh', fault: { kind: 'status', status: 401 } },
      ],
    });
    expect((await signIn()).status).toBe(503);
    expect((await signIn({ clientId: 'another' })).status).toBe(200);
    expect((await exchange(access_token)).status).toBe(429);
    expect((await refresh(refreshToken)).status).toBe(401);
    await simulator.scenario({});
    expect((await refresh(refreshToken)).status).toBe(200);
  });

  test('an answer can be lost after the refresh token was spent', async () => {
    const { refreshToken } = await signedIn();
    const fault = { kind: 'reset', when: 'afterStoring' };
    await simulator.scenario({ rules: [{ on: 'refresh', times: 1, fault }] });
    await expect(refresh(refreshToken)).rejects.toThrow();
    expect((await refresh(refreshToken)).status).toBe(401);
  });
});
