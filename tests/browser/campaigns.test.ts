import { expect, test } from 'vitest';
import { DEMO, useDemoSystem } from '../kit/browser/demo-system.ts';
import { barriers, picture, useBrowser } from '../kit/browser/use-browser.ts';
import { post } from '../kit/http/client.ts';

/** One campaign: its acceptance has fallen; it is stopped, and started again. */

const here = useDemoSystem();
const browser = useBrowser();
const { name, campaign } = DEMO.newbridge;

test('acceptance fell for one campaign: which, since when, beside yesterday, and the first reason', async () => {
  const page = await browser.open();
  await here.enter(page, 'viewer');
  const line = page.getByRole('listitem').filter({ hasText: 'Acceptance is' });
  expect(await line.innerText()).toMatch(
    new RegExp(`${name}, campaign ${campaign}.*Acceptance is 5\\d\\.\\d %`, 's'),
  );
  const row = page.getByRole('row').filter({ hasText: campaign }).filter({ hasText: '%' }).first();
  expect(await row.innerText()).toMatch(/5\d\.\d %.*9\d\.\d %.*DIALER_REJECTED/s);

  await line.getByRole('link').click();
  const hours = page.getByRole('table', { name: /By the hour/ });
  expect(await hours.getByRole('row').nth(1).innerText()).toMatch(/ \d\d:00:00 .*\d+\s+5\d\.\d %/s);
  await page.getByRole('link', { name: 'Its leads' }).click();
  await page.getByRole('heading', { name: 'Leads', level: 1 }).waitFor();
  expect(await page.getByLabel('Campaign').inputValue()).toBe(campaign);
});

/** Workers and ingresses read it again within seconds. */
const statusBecomes = (status: number) =>
  expect
    .poll(
      async () => {
        const body = { campaignId: campaign, lead: { leadPhone: '2125550199', firstName: 'Jane' } };
        return (await post(here.system, body, { key: here.system.seeded.keys.newbridge })).status;
      },
      { timeout: 30_000, interval: 250 },
    )
    .toBe(status);

test('it is stopped alone with a reason that everybody sees, and started again', async () => {
  const page = await browser.open({ width: 1_200 });
  await here.enter(page, 'operator');
  await page.getByRole('link', { name: 'Dialers', exact: true }).click();
  await page.getByRole('link', { name, exact: true }).click();
  const row = page.getByRole('row').filter({ hasText: campaign });
  await row.getByRole('link', { name: 'Stop' }).click();
  await page.getByLabel('For', { exact: true }).fill('2h');
  await page.getByLabel('Why').fill('the script is wrong');
  await page.getByRole('button', { name: 'Stop the campaign' }).click();
  await page
    .getByRole('status')
    .filter({ hasText: `Campaign ${campaign} is stopped` })
    .waitFor();
  expect(await row.innerText()).toMatch(/stopped.*the script is wrong.*new leads are refused/s);
  expect(await barriers(page)).toEqual([]);
  await picture(page, 'task-campaign-stopped');
  await statusBecomes(429);

  await row.getByRole('button', { name: 'Start again' }).click();
  await page
    .getByRole('status')
    .filter({ hasText: `Campaign ${campaign} goes on` })
    .waitFor();
  expect(await row.innerText()).toContain('open');
  await statusBecomes(200);
});

test('a dialer is held with a reason, which the overview says, and released', async () => {
  const page = await browser.open();
  await here.enter(page, 'operator');
  await page.goto(`${here.address}/dialers/${await here.idOf(DEMO.jwt.name)}`);
  await page.getByLabel('For', { exact: true }).fill('30m');
  await page.getByLabel('Why').fill('they move to another account');
  await page.getByRole('button', { name: 'Hold', exact: true }).click();
  await page.getByRole('status').filter({ hasText: 'It is held' }).waitFor();

  await page.getByRole('link', { name: 'Overview' }).click();
  const held = page.getByRole('row', { name: new RegExp(`${DEMO.jwt.name}.*held`) });
  expect(await held.innerText()).toContain('they move to another account');
  await held.getByRole('link', { name: DEMO.jwt.name }).click();
  await page.getByRole('button', { name: /^Release/ }).click();
  await page.getByRole('status').filter({ hasText: 'Released' }).waitFor();
  expect(await page.getByRole('main').innerText()).not.toContain('they move to another account');
});
