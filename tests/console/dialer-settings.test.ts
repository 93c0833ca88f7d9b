import { newId } from '@live-feed/core/ids';
import { beforeAll, expect, test } from 'vitest';
import { useConsole } from '../kit/console/use-console.ts';

const testConsole = useConsole();
const acme = { id: newId(), name: 'Acme Solar' };
const PAGE = `dialers/${acme.id}/settings`;
const TOKEN = 'a-token-of-the-test';
let admin: { readonly cookie: string };

beforeAll(async () => {
  await testConsole.database.company.create({ data: acme });
  admin = await testConsole.as('admin');
});

async function send(path: string, fields: Readonly<Record<string, string>>, who = admin) {
  const response = await testConsole.app.inject({
    ...{ method: 'POST', url: `/${path}`, payload: new URLSearchParams(fields).toString() },
    headers: {
      ...{ ...who, accept: 'text/html', host: 'console.test', referer: `http://console.test/${PAGE}` },
      'content-type': 'application/x-www-form-urlencoded',
    },
  });
  return { status: response.statusCode, body: response.body };
}

const settings = {
  ...{ family: 'ringcx', baseUrl: 'http://127.0.0.1:1/voice/api', accountId: '77' },
  ...{ maxInFlight: '4', maxLeadsPerUpload: '200', uploadWindows: '10/10s', onUnverifiable: 'park' },
  ...{
    uploadDefaults: 'dialPriority=IMMEDIATE\nduplicateHandling=REMOVE_FROM_LIST',
    forward: 'leadPriority',
  },
  ...{ map: 'dialPriority.NORMAL=LOW', phoneFormat: 'e164' },
};
const dialer = () => testConsole.database.dialer.findFirstOrThrow({ where: { companyId: acme.id } });

test('a dialer is added, and its settings are changed as `dialer set` does', async () => {
  expect((await send(PAGE, settings)).status).toBe(303);
  expect(await dialer()).toMatchObject({
    ...{ family: 'ringcx', accountId: '77', maxInFlight: 4, maxLeadsPerUpload: 200 },
    ...{ uploadWindows: [{ requests: 10, perMs: 10_000 }] },
    uploadDefaults: { dialPriority: 'IMMEDIATE', duplicateHandling: 'REMOVE_FROM_LIST' },
    leadSettings: { forward: ['leadPriority'], map: { 'dialPriority.NORMAL': 'LOW' }, phoneFormat: 'e164' },
  });
  const fewer = { ...settings, uploadDefaults: 'dialPriority=NORMAL', map: '', forward: 'none' };
  expect((await send(PAGE, { ...fewer, uploadWindows: 'documented' })).status).toBe(303);
  expect(await dialer()).toMatchObject({
    ...{ uploadDefaults: { dialPriority: 'NORMAL' }, uploadWindows: null },
    leadSettings: { forward: [], map: {} },
  });
});

test('what is wrong is said beside its field', async () => {
  const wrong = await send(PAGE, { ...settings, uploadDefaults: 'color=red', maxInFlight: '900' });
  expect(wrong.status).toBe(422);
  expect(wrong.body).toMatch(/id="uploadDefaults-error"[^>]*>&quot;color=red&quot;: Expected one of/);
  expect(wrong.body).toMatch(/id="maxInFlight-error"[^>]*>Expected a whole number from 1 to 64/);
  expect((await dialer()).maxInFlight).toBe(4);
});

test('a token is replaced, and never shown', async () => {
  expect((await send(`dialers/${acme.id}/credential`, { token: TOKEN, jwt: '' })).status).toBe(303);
  const { permanentToken } = await dialer();
  expect(permanentToken).not.toBeNull();
  const both = await send(`dialers/${acme.id}/credential`, { token: TOKEN, jwt: '{"clientId":"a-client"}' });
  expect([both.status, both.body]).toEqual([422, expect.not.stringContaining(TOKEN)]);
  expect(both.body).not.toContain('a-client');
  expect((await dialer()).permanentToken).toBe(permanentToken);
  const none = await send(`dialers/${acme.id}/credential`, { token: '', jwt: '' });
  expect(none.body).toContain('Give a token or a JWT credential.');
});

test('an admin of the company alone changes its limits, but does not move it', async () => {
  const own = await testConsole.as('admin', acme.id);
  const { family: _, baseUrl: __, accountId: ___, ...limits } = settings;
  expect((await send(PAGE, { ...limits, maxInFlight: '2' }, own)).status).toBe(303);
  expect((await dialer()).maxInFlight).toBe(2);
  expect((await send(PAGE, { ...settings, accountId: '78' }, own)).status).toBe(403);
  expect((await dialer()).accountId).toBe('77');
});

test('the dialer’s page says how much of its limits is used', async () => {
  const { body } = await testConsole.app.inject({
    url: `/dialers/${acme.id}`,
    headers: { ...admin, accept: 'text/html' },
  });
  expect(body).toMatch(/<dt>Uploads used of the limit<\/dt><dd>0 of 2 now; 49 a minute at most<\/dd>/);
  expect(body).toContain(`href="${PAGE}"`);
});
