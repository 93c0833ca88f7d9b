import { expect, test } from 'vitest';
import { DEMO, useDemoSystem } from '../kit/browser/demo-system.ts';
import { barriers, picture, useBrowser } from '../kit/browser/use-browser.ts';

/** A client gets a look at its own leads, and at nothing else. */

const here = useDemoSystem();
const browser = useBrowser();
const OTHERS = [DEMO.ringcx.name, DEMO.jwt.name];

test('an admin adds them for one company, and they see that company alone', async () => {
  const admin = await browser.open();
  await here.enter(admin, 'admin');
  await admin.getByRole('link', { name: 'People', exact: true }).click();
  await admin.getByLabel('Name').fill('client@example.com');
  const company = admin.getByLabel('Company').first();
  if ((await company.evaluate('each => each.tagName')) === 'SELECT')
    await company.selectOption(DEMO.newbridge.name);
  else await company.fill(DEMO.newbridge.name);
  await admin.getByLabel('Role').selectOption('viewer');
  await admin.getByLabel(/^Password/).fill('a stapler of horses');
  await admin.getByRole('button', { name: /^Add/ }).click();
  await admin.getByRole('status').waitFor();

  const page = await browser.open({ width: 1_200 });
  await page.goto(`${here.address}/leads`);
  await page.getByLabel('Name').fill('client@example.com');
  await page.getByLabel('Password').fill('a stapler of horses');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('heading', { name: 'Leads', level: 1 }).waitFor();
  expect(await page.getByLabel('Company').locator('option').allInnerTexts()).not.toContain(OTHERS[0]);
  const rows = page.getByRole('table', { name: /^Leads/ }).locator('tbody tr');
  expect(await rows.count()).toBeGreaterThan(10);
  for (const row of await rows.all()) expect(await row.innerText()).toMatch(/\*{8}\d\d.*Demo NewBridge/s);
  expect(await barriers(page)).toEqual([]);
  await picture(page, 'task-client');

  const menu = page.getByRole('navigation', { name: 'Pages of the console' }).getByRole('link');
  const names = await menu.allInnerTexts();
  expect(names).not.toContain('People');
  expect(names).not.toContain('Queues');
  for (const name of names) {
    await menu.filter({ hasText: name }).first().click();
    const text = await page.getByRole('main').innerText();
    for (const other of OTHERS) expect(text).not.toContain(other);
  }
});
