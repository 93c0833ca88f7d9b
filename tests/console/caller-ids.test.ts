import { importAnis } from '@live-feed/database/caller-ids/ani-import';
import { addCampaigns } from '@live-feed/database/directory/campaigns';
import { addCompany } from '@live-feed/database/directory/companies';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { browserOf, textOf } from '../kit/console/forms.ts';
import { useConsole } from '../kit/console/use-console.ts';

const testConsole = useConsole();
let operator: { readonly cookie: string };
let companyId: string;
let base: string;
let companies = 0;
const browser = browserOf(
  () => testConsole.app,
  () => operator,
);

/** Seattle's area code, then Toronto's and a toll-free one. */
const number = (n: number) => `206555${String(companies * 10 + n).padStart(4, '0')}`;
const canadian = () => `416555${String(companies).padStart(4, '0')}`;

beforeAll(async () => {
  operator = await testConsole.as('operator');
});
beforeEach(async () => {
  companies += 1;
  const { company } = await addCompany(testConsole.database, `Company ${companies}`);
  companyId = company.id;
  base = `caller-ids/${companyId}`;
  await addCampaigns(testConsole.database, companyId, ['7001']);
  const rows = [
    { line: 1, phone: number(1), dailyCap: 0 },
    { line: 2, phone: number(2), dailyCap: 50, pools: ['7001'] },
    { line: 3, phone: canadian() },
  ];
  await importAnis(testConsole.database, companyId, rows);
});

/** Phones in the table. */
const shown = (page: string) =>
  [...page.matchAll(/name="phones" value="(\d{10})"/g)].map(([, phone]) => phone);

test('which numbers are worn out: two clicks from the menu', async () => {
  const { company: other } = await addCompany(testConsole.database, 'With Numbers Too');
  await importAnis(testConsole.database, other.id, [{ line: 1, phone: number(9) }]);
  expect(await browser.get('caller-ids')).toContain(`href="caller-ids/${companyId}?standing=at_cap"`);
  const page = await browser.get(base);
  expect(textOf(page)).toContain('Worn out: at their caps today 1 number');
  const [, link = ''] = /<a href="(caller-ids\/[^"]*standing=at_cap[^"]*)">1 number/.exec(page) ?? [];
  const worn = await browser.get(link.replaceAll('&amp;', '&').replace(/#.*/, ''));
  expect(shown(worn)).toEqual([number(1)]);
  expect(textOf(worn)).toContain(`${number(1)} worn out 0 0`);
});

test('the map says by colour and number how much of a state is used, and the table says the same', async () => {
  await testConsole.database.ani.update({
    where: { phone: number(2) },
    data: {
      used: 45,
      usedOn: new Date(new Intl.DateTimeFormat('en-CA', { timeZone: 'America/New_York' }).format(new Date())),
    },
  });
  const page = await browser.get(base);
  expect(page).toMatch(/<a href="[^"]*place=WA[^"]*" class="tile near" aria-label="WA 90 %: 45 of 50 uses">/);
  expect(page).toMatch(/class="tile free" aria-label="CAN 0 %: 0 of 75 uses"/);
  expect(page).not.toMatch(/style=/);
  expect(textOf(page)).toContain('WA 45 of 50 90 % nearly worn out 2 1 0 0');
  expect(shown(await browser.get(`${base}?place=CANADA`))).toEqual([canadian()]);
  expect(shown(await browser.get(`${base}?campaign=7001`))).toEqual([number(2)]);
});

describe('numbers that are ticked', () => {
  const submit = (path: string, fields: readonly (readonly [string, string])[]) =>
    browser.submit(`${base}/${path}`, [['phones', number(1)], ['phones', number(2)], ...fields], base);
  const rows = () =>
    testConsole.database.ani.findMany({
      where: { companyId },
      orderBy: { phone: 'asc' },
      include: { pools: true },
    });

  test('are paused, activated, flagged, capped, put into pools, taken out and removed', async () => {
    expect(textOf(await submit('pause', []))).toContain('Paused 2 numbers.');
    expect(textOf(await browser.get(`${base}?standing=paused`))).toContain('paused');
    expect(textOf(await submit('activate', []))).toContain('Activated 2 numbers.');
    expect(textOf(await submit('flag', [['for', '3d']]))).toContain('Flagged 2 numbers.');
    expect(shown(await browser.get(`${base}?flagged=true`))).toEqual([number(1), number(2)]);
    await submit('cap', [['cap', '20']]);
    expect(await rows()).toMatchObject([{ dailyCap: 20 }, { dailyCap: 20 }, { dailyCap: null }]);
    await submit('cap', [['cap', '']]);
    expect(await rows()).toMatchObject([{ dailyCap: null }, { dailyCap: null }, {}]);
    expect(textOf(await submit('into-pool', [['pool', '7001']]))).toContain('Its pool has 2 numbers.');
    expect(textOf(await submit('out-of-pool', [['pool', '7001']]))).toContain('Its pool is empty');
    expect(textOf(await submit('remove', []))).toContain('Removed 2 numbers.');
    expect(await rows()).toHaveLength(1);
  });

  test('must be some, and of that company', async () => {
    const page = await browser.submit(`${base}/pause`, [], base);
    expect(textOf(page)).toContain('Tick the numbers first.');
    const { company: other } = await addCompany(testConsole.database, `Other ${companies}`);
    const taken = await browser.submit(`caller-ids/${other.id}/remove`, [['phones', number(1)]]);
    expect(textOf(taken)).toContain('Removed 0 numbers. 1 are not there any more.');
    expect(await rows()).toHaveLength(3);
  });
});

describe('a file', () => {
  const count = () => testConsole.database.ani.count({ where: { companyId } });

  test('is shown with the errors of its rows and what it would change, and imported when that is confirmed', async () => {
    const file = `phone,daily_cap,State\n${number(5)},,WA\n123,,\n${number(6)},many,\n${number(2)},60,\n`;
    const preview = await browser.upload(`${base}/import`, 'file', file, 'numbers.csv');
    const text = textOf(preview);
    expect(text).toContain('Numbers that would be added 1 Numbers that would be changed 1');
    expect(text).toContain('Columns that are not used State');
    expect(text).toMatch(/3 123 The phone number must have 10 digits.* 4 many The daily cap must be/);
    expect(await count()).toBe(3);

    const [, carried = ''] = /<textarea[^>]*>([\s\S]*?)<\/textarea>/.exec(preview) ?? [];
    const done = await browser.upload(`${base}/import/confirm`, 'rows', carried);
    expect(textOf(done)).toContain('Added 1 number and changed 1. Not imported: 2 rows.');
    expect(await count()).toBe(4);
  });

  test.each([
    ['', 'Choose a file that is not empty.'],
    ['daily_cap\n50\n', 'The file has no column "phone".'],
    ['phone\n"2065550100\n', 'The file is not CSV:'],
  ])('that is none is refused: %j', async (file, message) => {
    expect(textOf(await browser.upload(`${base}/import`, 'file', file, 'x.csv'))).toContain(message);
    expect(await count()).toBe(3);
  });

  test('that is cut off is refused', async () => {
    const { statusCode, body } = await testConsole.app.inject({
      ...{ method: 'POST', url: `/${base}/import`, payload: 'no part of it' },
      headers: {
        ...(await testConsole.as('operator')),
        'content-type': 'multipart/form-data; boundary=x',
      },
    });
    expect([statusCode, body]).toEqual([409, expect.stringContaining('did not arrive whole')]);
    expect(await count()).toBe(3);
  });

  test('of more than the console takes is refused', async () => {
    const page = await browser.upload(`${base}/import`, 'file', 'x'.repeat(1_100_000), 'x.csv');
    expect(textOf(page)).toContain('too large');
    expect(await count()).toBe(3);
  });
});
