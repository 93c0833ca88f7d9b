import { OWN_PATHS } from '@live-feed/console/environment';
import { ROLES, type Role } from '@live-feed/core/directory/role';
import { newId } from '@live-feed/core/ids';
import { beforeAll, describe, expect, test } from 'vitest';
import { ROUTES, type Row } from '../kit/console/routes.ts';
import { useConsole } from '../kit/console/use-console.ts';

/** Every route of the console, tried by everybody: a route that is added needs a row. */

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
  expect(Object.keys(ROUTES).sort()).toEqual(registered().sort());
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

describe.each(Object.entries(ROUTES) as [string, Row][])('%s', (route, row) => {
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
