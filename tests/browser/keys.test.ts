import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { DEMO, useDemoSystem } from '../kit/browser/demo-system.ts';
import { barriers, picture, useBrowser } from '../kit/browser/use-browser.ts';
import { post } from '../kit/http/client.ts';

/** A vendor's key: issued, replaced by another, taken away. */

const here = useDemoSystem();
const browser = useBrowser();
const { name: company, campaign: campaignId } = DEMO.ringcx;

/** The secret, which is shown this once, as the button copies it. */
async function copied(page: Page): Promise<string> {
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write'], { origin: here.address });
  const shown = await page.locator('#secret').innerText();
  await page.getByRole('button', { name: 'Copy' }).click();
  await page.getByRole('button', { name: 'Copied' }).waitFor();
  expect(await page.evaluate('navigator.clipboard.readText()')).toBe(shown);
  expect(await barriers(page)).toEqual([]);
  return shown;
}

/** Ingresses read keys again within seconds. */
const answers = (key: string, status: number) =>
  expect
    .poll(
      async () => {
        const headers = { prefer: 'handling=dry-run' };
        const body = { campaignId, lead: { leadPhone: '3055550144', firstName: 'Jane' } };
        return (await post(here.system, body, { key, headers })).status;
      },
      { timeout: 30_000, interval: 250 },
    )
    .toBe(status);

test('it is issued, rotated and revoked; each secret is shown once, and copied by a button', async () => {
  const page = await browser.open({ width: 1_200 });
  await here.enter(page, 'admin');
  await page.getByRole('link', { name: 'Companies', exact: true }).click();
  await page.getByRole('link', { name: company, exact: true }).click();
  await page.getByRole('link', { name: 'Keys', exact: true }).click();
  await page.getByLabel('Label').fill('Acme Leads');
  await page.getByLabel('Most leads in a time').fill('600/min');
  await page.getByRole('button', { name: 'Create the key' }).click();
  const first = await copied(page);
  await answers(first, 200);

  await page.getByRole('link', { name: 'Back to the keys' }).click();
  expect(await page.content()).not.toContain(first);
  const row = page.getByRole('row', { name: /Acme Leads.*active/ });
  expect(await row.innerText()).toMatch(/600\/min/);
  await row.getByRole('link').click();
  await picture(page, 'task-key');
  await page.getByLabel('This one still works for').fill('0s');
  await page.getByRole('button', { name: 'Create the new key' }).click();
  const second = await copied(page);
  expect(second).not.toBe(first);
  await answers(second, 200);
  await answers(first, 401);

  await page.getByRole('link', { name: 'Back to the keys' }).click();
  await page
    .getByRole('row', { name: /Acme Leads.*active/ })
    .getByRole('link')
    .click();
  await page.getByRole('button', { name: 'Revoke this key' }).click();
  await page.getByRole('status').filter({ hasText: 'Revoked the key' }).waitFor();
  expect(await page.getByRole('row', { name: /Acme Leads.*revoked/ }).count()).toBeGreaterThan(0);
  await answers(second, 401);
});
