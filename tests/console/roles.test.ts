import { OWN_PATHS } from '@live-feed/console/environment';
import { ROLES, type Role } from '@live-feed/core/directory/role';
import { newId } from '@live-feed/core/ids';
import { beforeAll, describe, expect, test } from 'vitest';
import { useConsole } from '../kit/console/use-console.ts';

/** Every route of the console, tried by everybody: a route that is added needs a row. */

/** The least role; with `of all companies`, nobody who may see one company only. */
type Row = 'anybody' | Role | `${Role} of all companies`;

const ROWS: Readonly<Record<string, Row>> = {
  'GET /healthz': 'anybody',
  'GET /assets/*': 'anybody',
  'GET /sign-in': 'anybody',
  'POST /sign-in': 'anybody',
  'POST /sign-out': 'viewer',
  'POST /theme': 'viewer',
  'GET /': 'viewer',
  'GET /overview/stream': 'viewer',
  'GET /leads': 'viewer',
  'GET /leads/refused': 'viewer',
  'GET /leads/export': 'viewer',
  'GET /leads/bulk': 'operator',
  'POST /leads/bulk': 'operator',
  'GET /leads/changes': 'viewer',
  'GET /leads/changes/:change': 'viewer',
  'POST /leads/changes/:change/stop': 'operator',
  'GET /leads/:lead': 'viewer',
  'POST /leads/:lead/cancel': 'operator',
  'POST /leads/:lead/retry': 'operator',
  'POST /leads/:lead/resolve': 'operator',
  'POST /leads/:lead/resend': 'operator',

  'GET /alerts': 'viewer',
  'GET /alerts/rules/new': 'operator of all companies',
  'POST /alerts/rules': 'operator of all companies',
  'GET /alerts/rules/:rule': 'operator of all companies',
  'POST /alerts/rules/:rule': 'operator of all companies',
  'POST /alerts/rules/:rule/switch': 'operator of all companies',
  'POST /alerts/rules/:rule/remove': 'operator of all companies',
  'GET /alerts/channels/new': 'admin of all companies',
  'POST /alerts/channels': 'admin of all companies',
  'GET /alerts/channels/:channel': 'admin of all companies',
  'POST /alerts/channels/:channel': 'admin of all companies',
  'POST /alerts/channels/:channel/switch': 'admin of all companies',
  'POST /alerts/channels/:channel/remove': 'admin of all companies',
  'POST /alerts/channels/:channel/test': 'operator of all companies',
  'GET /companies': 'viewer',
  'POST /companies': 'admin of all companies',
  'GET /companies/:company': 'viewer',
  'POST /companies/:company': 'admin',
  'POST /companies/:company/check': 'operator',
  'POST /companies/:company/rename': 'admin of all companies',
  'POST /companies/:company/remove': 'admin of all companies',
  'GET /companies/:company/keys': 'viewer',
  'POST /companies/:company/keys': 'admin',
  'GET /companies/:company/keys/:key': 'viewer',
  'POST /companies/:company/keys/:key': 'admin',
  'POST /companies/:company/keys/:key/rotate': 'admin',
  'POST /companies/:company/keys/:key/revoke': 'admin',
  'GET /companies/:company/webhooks': 'viewer',
  'POST /companies/:company/webhooks': 'admin',
  'GET /companies/:company/webhooks/:webhook': 'viewer',
  'POST /companies/:company/webhooks/:webhook': 'admin',
  'POST /companies/:company/webhooks/:webhook/switch': 'admin',
  'POST /companies/:company/webhooks/:webhook/test': 'operator',
  'POST /companies/:company/webhooks/:webhook/redeliver': 'operator',
  'POST /companies/:company/webhooks/:webhook/rotate': 'admin',
  'POST /companies/:company/webhooks/:webhook/remove': 'admin',

  'GET /caller-ids': 'viewer',
  'GET /caller-ids/:company': 'viewer',
  'POST /caller-ids/:company/pause': 'operator',
  'POST /caller-ids/:company/activate': 'operator',
  'POST /caller-ids/:company/flag': 'operator',
  'POST /caller-ids/:company/cap': 'operator',
  'POST /caller-ids/:company/remove': 'operator',
  'POST /caller-ids/:company/into-pool': 'operator',
  'POST /caller-ids/:company/out-of-pool': 'operator',
  'GET /caller-ids/:company/import': 'operator',
  'POST /caller-ids/:company/import': 'operator',
  'POST /caller-ids/:company/import/confirm': 'operator',

  'GET /sign-in/code': 'anybody',
  'POST /sign-in/code': 'anybody',
  'GET /account': 'viewer',
  'POST /account/password': 'viewer',
  'GET /account/codes': 'viewer',
  'POST /account/codes': 'viewer',
  'POST /account/codes/off': 'viewer',
  'POST /account/sessions/end': 'viewer',

  'GET /audit': 'viewer',

  'GET /dialers': 'viewer',
  'GET /dialers/:company': 'viewer',
  'POST /dialers/:company/hold': 'operator',
  'POST /dialers/:company/release': 'operator',
  'POST /dialers/:company/test': 'operator',
  'POST /dialers/:company/sync': 'operator',
  'GET /dialers/:company/campaigns/:campaignId': 'operator',
  'POST /dialers/:company/campaigns/:campaignId/pause': 'operator',
  'POST /dialers/:company/campaigns/:campaignId/resume': 'operator',
  'POST /dialers/:company/campaigns/:campaignId/rename': 'operator',
  'POST /dialers/:company/campaigns/:campaignId/remove': 'admin',

  'GET /people': 'admin of all companies',
  'POST /people': 'admin of all companies',
  'GET /people/:id': 'admin of all companies',
  'POST /people/:id': 'admin of all companies',
  'POST /people/:id/password': 'admin of all companies',
  'POST /people/:id/totp/off': 'admin of all companies',
  'POST /people/:id/disable': 'admin of all companies',
  'POST /people/:id/enable': 'admin of all companies',
  'POST /people/:id/remove': 'admin of all companies',
  'POST /people/:id/sessions/end': 'admin of all companies',

  'GET /queues/': 'viewer of all companies',
  'GET /queues/metrics-history': 'viewer of all companies',
  'GET /queues/job-schedulers': 'viewer of all companies',
  'GET /queues/queue/:queueName': 'viewer of all companies',
  'GET /queues/queue/:queueName/:jobId': 'viewer of all companies',
  'GET /queues/static/*': 'viewer of all companies',
  'GET /queues/api/redis/stats': 'viewer of all companies',
  'GET /queues/api/queues': 'viewer of all companies',
  'GET /queues/api/job-schedulers': 'viewer of all companies',
  'GET /queues/api/queues/:queueName/metrics': 'viewer of all companies',
  'GET /queues/api/queues/:queueName/default-job-options': 'viewer of all companies',
  'GET /queues/api/queues/:queueName/workers': 'viewer of all companies',
  'GET /queues/api/queues/:queueName/rate-limit': 'viewer of all companies',
  'GET /queues/api/queues/:queueName/job-data-schema': 'viewer of all companies',
  'GET /queues/api/queues/:queueName/:jobId': 'viewer of all companies',
  'GET /queues/api/queues/:queueName/:jobId/logs': 'viewer of all companies',
  'GET /queues/api/queues/:queueName/:jobId/flow': 'viewer of all companies',
  'PUT /queues/api/queues/pause': 'operator of all companies',
  'PUT /queues/api/queues/resume': 'operator of all companies',
  'PUT /queues/api/queues/:queueName/pause': 'operator of all companies',
  'PUT /queues/api/queues/:queueName/resume': 'operator of all companies',
  'PUT /queues/api/queues/:queueName/promote': 'operator of all companies',
  'PUT /queues/api/queues/:queueName/retry/:queueStatus': 'operator of all companies',
  'PUT /queues/api/queues/:queueName/:jobId/promote': 'operator of all companies',
  'PUT /queues/api/queues/:queueName/:jobId/retry': 'operator of all companies',
};

const testConsole = useConsole();
const companyId = newId();

const PEOPLE = [
  ...ROLES.map((role) => ({ who: role as string, role, one: false })),
  ...ROLES.map((role) => ({ who: `${role} of one company`, role, one: true })),
];
type Person = (typeof PEOPLE)[number];

const signedIn = new Map<string, { readonly cookie: string }>();

beforeAll(async () => {
  await testConsole.database.company.create({ data: { id: companyId, name: 'The One' } });
  for (const person of PEOPLE) signedIn.set(person.who, await signInAs(person));
});

function signInAs({ role, one }: Person) {
  return testConsole.as(role, one ? companyId : null);
}

/**
 * As the table of the console has them; the names of files change with their content. Those of the admin API, which keys open, are
 * tried in admin-api.test.ts.
 */
function registered(): string[] {
  const routes = [...testConsole.app.accessTable.keys()].filter(
    (route) => !route.startsWith('HEAD ') && !ofAdminApi(route),
  );
  return [...new Set(routes.map((route) => route.replace(/^GET \/assets\/.*/, 'GET /assets/*')))];
}

function ofAdminApi(route: string): boolean {
  return testConsole.app.accessTable.get(route) === 'by-key';
}

test('only routes of the admin API are opened by keys', () => {
  const byKey = [...testConsole.app.accessTable.keys()].filter(ofAdminApi);
  expect(byKey.length).toBeGreaterThan(0);
  expect(byKey.filter((route) => !/^\w+ \/admin\/v1\//.test(route))).toEqual([]);
});

test('every route has a row, and every row a route', () => {
  expect(Object.keys(ROWS).sort()).toEqual(registered().sort());
});

test('no public address can begin like a route', () => {
  const firsts = registered().map((route) => route.split('/')[1] ?? '');
  for (const first of firsts.filter((path) => path !== '')) expect(OWN_PATHS).toContain(first);
});

function isAllowed(row: Row, { role, one }: Person): boolean {
  if (row === 'anybody') return true;
  const [least, ...ofAll] = row.split(' ');
  return ROLES.indexOf(role) >= ROLES.indexOf(least as Role) && !(one && ofAll.length > 0);
}

/** An address that leads to the route. */
function addressOf(path: string): string {
  const asset = [...testConsole.app.accessTable.keys()].find((route) => route.startsWith('GET /assets/'));
  return path
    .replace('/assets/*', asset?.replace('GET ', '') ?? '')
    .replace('/static/*', '/static/favicon.ico')
    .replace(/:\w+/g, () => newId());
}

describe.each(Object.entries(ROWS))('%s', (route, row) => {
  const [method = '', path = ''] = route.split(' ');
  const ask = (headers: Record<string, string>) =>
    testConsole.app.inject({
      method: method as 'GET' | 'POST' | 'PUT',
      url: addressOf(path),
      headers: {
        ...headers,
        ...(method === 'GET' ? {} : { 'content-type': 'application/x-www-form-urlencoded' }),
      },
      ...(method === 'GET' ? {} : { payload: 'a=b' }),
      // Its end is the session's.
      payloadAsStream: path.endsWith('/stream'),
    });

  test('who is not signed in', async () => {
    const response = await ask({});
    // The sign-in itself refuses an empty name in words of its own.
    const isAsked =
      response.statusCode === 401 && (path !== '/sign-in' || !response.body.includes('Wrong name'));
    expect(isAsked).toBe(row !== 'anybody');
  });

  test.each(PEOPLE)('$who', async (person) => {
    // A change may end the session.
    const headers = method === 'GET' ? signedIn.get(person.who) : await signInAs(person);
    const { statusCode } = await ask({ cookie: headers?.cookie ?? '' });
    expect(statusCode === 403).toBe(!isAllowed(row, person));
    if (isAllowed(row, person) && row !== 'anybody') expect(statusCode).not.toBe(401);
  });
});
