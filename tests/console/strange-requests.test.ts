import { digestApiKey, issueAdminKey } from '@live-feed/core/crypto/api-key';
import { addAdminKey } from '@live-feed/database/directory/admin-keys';
import { expect, test } from 'vitest';
import { signInForm } from '../kit/console/people.ts';
import { useConsole } from '../kit/console/use-console.ts';

/** Requests that no page of the console makes. */

const console = useConsole({ signInLimit: { failures: 5 } });

test.each([
  ['GET', '/?company=a&company=b'],
  ['GET', '/overview/stream?company=Acme'],
  ['POST', '/account/password'],
  ['POST', '/account/codes'],
  ['POST', '/account/codes/off'],
  ['POST', '/account/sessions/end?session=1'],
  ['GET', '/companies/%00'],
  ['GET', '/leads?campaign=%00'],
  ['GET', '/leads?source=%00'],
  ['GET', '/leads/refused?campaign=%00'],
  ['GET', '/leads?company=%00'],
  ['GET', '/audit?actor=%00'],
  ['GET', '/audit?operation=%00'],
  ['GET', '/audit?company=%00'],
  ['GET', '/audit?since=x'],
  ['GET', '/audit?before=x'],
  ['GET', '/dialers/%00'],
  ['GET', '/caller-ids/%00'],
  ['GET', '/alerts/rules/%00'],
  ['GET', '/alerts/channels/%00'],
  ['GET', '/leads?since=0000-00-00T00:00'],
  ['GET', '/leads?since=9999-12-31T00:00'],
] as const)('%s %s is refused with words, or answered', async (method, url) => {
  const headers = { ...(await console.as('admin')), accept: 'text/html' };
  const { statusCode, body } = await console.app.inject({ method, url, headers });
  expect([statusCode < 500, body.includes('This did not work')]).toEqual([true, false]);
});

test.each([
  '/companies/%00',
  '/audit?actor=%00',
  '/leads?campaign=%00',
  '/figures?source=%00',
  '/people/%00/sessions',
  '/leads?since=0000-01-01T00:00:00Z',
  '/audit?since=0000-01-01T00:00:00Z',
  '/figures?since=0000-01-01T00:00:00Z',
  '/leads?until=9999-12-31T23:59:59Z',
  '/figures?since=9999-12-31T23:59:59Z',
  '/figures?until=9999-12-31T23:59:59Z',
])('the admin API refuses %s', async (path) => {
  const key = issueAdminKey();
  const stored = { label: 'Nightly', role: 'admin', companyId: null, hint: 'xx', expiresAt: null };
  await addAdminKey(console.database, { ...stored, digest: digestApiKey(key) });
  const headers = { authorization: `Bearer ${key}` };
  const { statusCode } = await console.app.inject({ url: `/admin/v1${path}`, headers });
  expect(statusCode).toBeLessThan(500);
});

test('the sign-in with a name that cannot be stored is a wrong one', async () => {
  const { headers, payload } = signInForm({ name: 'o\0ps', password: 'correct horse battery' });
  const { statusCode } = await console.app.inject({ method: 'POST', url: '/sign-in', headers, payload });
  expect(statusCode).toBe(401);
});

test('too many wrong passwords do not tell which names somebody has', async () => {
  await console.as('viewer');
  const { name } = await console.database.person.findFirstOrThrow({
    where: { name: { startsWith: 'viewer' } },
  });
  const remoteAddress = '203.0.113.90';
  const statusOf = async (given: string) => {
    const { headers, payload } = signInForm({ name: given, password: 'not the right one' });
    return (await console.app.inject({ method: 'POST', url: '/sign-in', headers, payload, remoteAddress }))
      .statusCode;
  };
  for (let n = 0; n < 5; n += 1) await statusOf(`nobody-${n}`);
  expect([await statusOf('nobody-9'), await statusOf(name)]).toEqual([401, 401]);
});
