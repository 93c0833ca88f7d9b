import { expect, test } from 'vitest';
import { DEMO, useDemoSystem } from '../kit/browser/demo-system.ts';
import { barriers, picture, useBrowser } from '../kit/browser/use-browser.ts';

/** Which numbers are worn out, and what is done about it. */

const here = useDemoSystem();
const browser = useBrowser();

test('the map shows the state, and a click the six numbers of eight', async () => {
  const page = await browser.open({ width: 1_200 });
  await here.enter(page, 'viewer');
  await page.getByRole('link', { name: 'Caller IDs', exact: true }).click();
  await page.getByRole('link', { name: DEMO.newbridge.name, exact: true }).click();
  const map = page.getByRole('group', { name: /Uses of today against caps/ });
  expect(await map.getByRole('link').count()).toBe(1);
  expect(await barriers(page)).toEqual([]);
  await picture(page, 'task-worn-out-numbers');

  await page.getByRole('link', { name: '6 numbers' }).click();
  const rows = page.getByRole('table', { name: 'Numbers with their uses of today' }).locator('tbody tr');
  expect(await rows.count()).toBe(6);
  for (const row of await rows.all()) expect(await row.innerText()).toMatch(/^212555010[0-5]/);
  await map.getByRole('link').click();
  await page.waitForURL(/standing=at_cap.*place=NY/);
  expect(await rows.count()).toBe(6);
});

test('new numbers come from a file, whose errors are told by row before anything is changed', async () => {
  const page = await browser.open();
  await here.enter(page, 'operator');
  await page.goto(`${here.address}/caller-ids/${await here.idOf(DEMO.newbridge.name)}/import`);
  const file = (text: string) => ({ name: 'numbers.csv', mimeType: 'text/csv', buffer: Buffer.from(text) });
  const choose = async (text: string) => {
    await page.locator('input[type=file]').setInputFiles(file(text));
    await page.getByRole('button', { name: 'Read the file' }).click();
  };
  await choose('phone\n2125550180\n12\n');
  const wrong = page.getByRole('table', { name: 'Wrong rows' }).locator('tbody tr');
  expect(await wrong.innerText()).toMatch(/^3\s+12\s/);
  expect(await barriers(page)).toEqual([]);
  await page.getByRole('link', { name: 'Choose another file' }).click();
  await choose('phone\n2125550180\n2125550181\n');
  await page.getByRole('button', { name: 'Import the right rows' }).click();
  await page.getByRole('status').filter({ hasText: 'Added 2 numbers' }).waitFor();
  expect(
    await here.console.database.ani.count({ where: { phone: { in: ['2125550180', '2125550181'] } } }),
  ).toBe(2);
});
