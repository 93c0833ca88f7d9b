import { expect, test } from 'vitest';
import { DEMO, useDemoSystem } from '../kit/browser/demo-system.ts';
import { barriers, picture, useBrowser } from '../kit/browser/use-browser.ts';

/** "Who changed that?" */

const here = useDemoSystem();
const browser = useBrowser();

test('somebody raises a cap; the audit log says who, when, on what, and what it was before', async () => {
  const admin = await browser.open();
  await here.enter(admin, 'admin');
  const who = (await admin.locator('header a[href="account"]').innerText()).trim();
  await admin.goto(`${here.address}/companies/${await here.idOf(DEMO.ringcx.name)}`);
  const cap = admin.getByLabel(/^Most leads a day for a caller ID/);
  const before = await cap.inputValue();
  await cap.fill('123');
  await admin.getByRole('button', { name: 'Save the settings' }).click();
  await admin.getByRole('status').filter({ hasText: 'Changed' }).waitFor();

  const page = await browser.open({ width: 1_200 });
  await here.enter(page, 'viewer');
  await page.getByRole('link', { name: 'Audit', exact: true }).click();
  await page.getByLabel('Company').fill(DEMO.ringcx.name);
  await page.getByRole('button', { name: 'Show' }).click();
  const row = page.getByRole('row', { name: /company\.set/ });
  const text = await row.innerText();
  expect(text).toContain(who);
  expect(text).toMatch(/admin, at the console, 127\.0\.0\.1/);
  expect(await row.locator('del').allInnerTexts()).toContain(before);
  expect(await row.locator('ins').allInnerTexts()).toContain('123');
  await row.getByText('Input').click();
  expect(await row.locator('pre').isVisible()).toBe(true);
  expect(await barriers(page)).toEqual([]);
  await picture(page, 'task-who-changed-that');

  await page.getByLabel('Who').fill('nobody of that name');
  await page.getByRole('button', { name: 'Show' }).click();
  await page.getByText('No change was recorded that fits.').waitFor();
});
