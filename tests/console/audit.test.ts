import { newId } from '@live-feed/core/ids';
import type { Actor } from '@live-feed/operations/actor';
import { companyAdd, companyRename } from '@live-feed/operations/company/companies';
import { perform } from '@live-feed/operations/perform';
import { personSet } from '@live-feed/operations/person/people';
import { beforeAll, expect, test } from 'vitest';
import { addTestPerson } from '../kit/console/people.ts';
import { testResources } from '../kit/console/resources.ts';
import { useConsole } from '../kit/console/use-console.ts';

/** The page that says who changed what. */

const testConsole = useConsole();
const olga: Actor = {
  ...{ id: null, name: 'olga', via: 'command-line', from: 'laptop', role: 'admin', companyId: null },
};
let acme: string;

function as(actor: Partial<Actor> = {}) {
  const resources = testResources(testConsole.database, testConsole.redis);
  return { actor: { ...olga, ...actor }, resources };
}

beforeAll(async () => {
  await perform(as(), companyAdd, { name: 'Acme Solar' });
  await perform(as(), companyAdd, { name: 'Other Roofs' });
  acme = (await testConsole.database.company.findUniqueOrThrow({ where: { name: 'Acme Solar' } })).id;
  await perform(as({ name: 'pete', via: 'admin-api' }), companyRename, {
    company: 'Acme Solar',
    name: 'Acme Sun',
  });
  const name = 'jo@example.com';
  await addTestPerson(testConsole.database, { name, password: 'correct horse battery' }, 'viewer');
  await perform(as(), personSet, { person: name, role: 'operator' });
  await perform(as(), personSet, { person: 'nobody', role: 'operator' }).catch(() => undefined);
});

/** The rows of the table, as text. */
async function rows(query: Record<string, string>, headers: { cookie: string }): Promise<string[]> {
  const url = `/audit?${new URLSearchParams(query)}`;
  const { statusCode, body } = await testConsole.app.inject({ url, headers });
  expect(statusCode).toBe(200);
  const table = /<tbody>(.*)<\/tbody>/s.exec(body)?.[1] ?? '';
  return table
    .split('<tr>')
    .slice(1)
    .map((row) => row.replaceAll(/<[^>]*>/g, ' ').replaceAll(/\s+/g, ' '));
}

test('says who changed what, from where, and what became different', async () => {
  const [failed, set, renamed] = await rows({}, await testConsole.as('viewer'));
  expect(failed).toContain('refused');
  expect(failed).toContain('There is nobody named &quot;nobody&quot;.');
  expect(set).toContain('olga admin, by the command line, laptop');
  expect(set).toMatch(/person\.set all jo@example\.com done .*role viewer operator/);
  expect(set).not.toContain('company all all');
  expect(renamed).toContain('pete admin, by the admin API');
  expect(renamed).toContain('Acme Sun');
});

test.each([
  ['a person', { actor: 'pete' }, ['company.rename']],
  ['an operation', { operation: 'company.rename' }, ['company.rename']],
  [
    'the beginning of operations',
    { operation: 'company.' },
    ['company.rename', 'company.add', 'company.add'],
  ],
  ['a company', { company: 'Acme Sun' }, ['company.rename']],
  ['a time that is over', { until: '2020-01-01T00:00' }, []],
  ['empty fields', { actor: 'pete', company: '', since: '' }, ['company.rename']],
])('is filtered by %s', async (_case, query, operations) => {
  const found = await rows(query as Record<string, string>, await testConsole.as('viewer'));
  expect(found.map((row) => /(company|person)\.[a-z-]+/.exec(row)?.[0])).toEqual(operations);
});

test('pages are of 50, with a link to older ones that keeps the filter', async () => {
  const viewer = await testConsole.as('viewer');
  for (let n = 0; n < 51; n += 1) {
    await perform(as({ name: 'many' }), personSet, { person: newId(), role: 'viewer' }).catch(
      () => undefined,
    );
  }
  const { body } = await testConsole.app.inject({ url: '/audit?actor=many', headers: viewer });
  const older = /href="(audit[^"]+)" rel="next"/.exec(body)?.[1]?.replaceAll('&amp;', '&') ?? '';
  expect(older).toContain('actor=many');
  expect(
    await rows(Object.fromEntries(new URLSearchParams(older.replace('audit?', ''))), viewer),
  ).toHaveLength(1);
});

test('people of one company see the changes to it alone', async () => {
  const ofOne = await testConsole.as('admin', acme);
  const found = await rows({}, ofOne);
  expect(found).toHaveLength(1);
  expect(found[0]).toContain('company.rename');
  const other = await testConsole.app.inject({ url: '/audit?company=Other+Roofs', headers: ofOne });
  expect(other.statusCode).toBe(404);
});

test('a filter that cannot be is refused in words', async () => {
  const headers = { ...(await testConsole.as('viewer')), accept: 'text/html' };
  const response = await testConsole.app.inject({ url: '/audit?since=yesterday', headers });
  expect(response.statusCode).toBe(400);
  expect(response.body).toContain('since');
});
