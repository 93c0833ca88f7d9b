import { setTimeout } from 'node:timers/promises';
import { newId } from '@live-feed/core/ids';
import { describe, expect, test } from 'vitest';
import { useDemoConsole } from '../kit/browser/demo-console.ts';
import { barriers, isTooWide, picture, useBrowser } from '../kit/browser/use-browser.ts';

/** What somebody who has never seen SQL finds on the first page. */

const here = useDemoConsole();
const browser = useBrowser();

test('acceptance fell for one campaign: the list says for which, and by how much', async () => {
  const page = await browser.open();
  await here.signIn(page);
  const line = page.locator('.attention li', { hasText: 'Acceptance is' });
  expect(await line.count()).toBe(1);
  expect(await line.innerText()).toMatch(
    /Demo NewBridge, campaign 654321.*Acceptance is 5\d\.\d % in the last hour; last week by this time it was 9\d\.\d %/s,
  );
});

test('which numbers are worn out: six of eight, of one company', async () => {
  const page = await browser.open();
  await here.signIn(page);
  const line = page.locator('.attention li', { hasText: 'caps' });
  expect(await line.innerText()).toMatch(/Demo NewBridge.*6 of 8 numbers have reached their caps for today/s);
});

test('leads that are parked come first, in red; a dialer that is held says until when and why', async () => {
  const page = await browser.open();
  await here.signIn(page);
  expect(await page.locator('.attention li').first().innerText()).toMatch(
    /down.*Demo RingCX.*4 leads are parked/s,
  );
  const dialer = page.getByRole('row', { name: /Demo RingCX with a JWT credential/ }).first();
  expect(await dialer.innerText()).toMatch(/held.*\d\d:\d\d:\d\d.*by a person; Demo: they move house/s);
});

test('a lead that comes while one looks is there without a reload, however slowly the scripts arrive', async () => {
  const page = await browser.open();
  let scripts = 0;
  await page.route(/\.js$/, async (route) => {
    scripts += 1;
    await setTimeout(scripts * 300);
    await route.continue();
  });
  await here.signIn(page);
  const { database } = here.demo;
  const { id } = await database.company.findUniqueOrThrow({ where: { name: 'Demo RingCX' } });
  // So many that it does not matter which leads leave the hour meanwhile.
  await database.$executeRaw`
    INSERT INTO lead_changes (id, company_id, received_at, campaign_id, source, state, reason, within_ms, leads)
    VALUES (${newId()}::uuid, ${id}::uuid, date_trunc('minute', now()), '123456', '', 'ACCEPTED', '', 400, 50000)`;
  await page
    .locator('.tiles dd', { hasText: /^5\d,\d{3}/ })
    .first()
    .waitFor();
});

test('without scripts everything is there, the plots as a table', async () => {
  const page = await browser.open({ withoutScripts: true });
  await here.signIn(page);
  expect(await page.getByRole('table', { name: /Leads a minute/ }).isVisible()).toBe(true);
  expect(await page.locator('canvas').count()).toBe(0);
});

describe.each([
  ['light', 'wide', 1_280],
  ['dark', 'wide', 1_280],
  ['light', 'as narrow as a telephone', 360],
  ['dark', 'as narrow as a telephone', 360],
] as const)('%s, %s', (colours, _how, width) => {
  test('plots are drawn, nothing is wider than the window, and nothing keeps anybody out', async () => {
    const page = await browser.open({ width, dark: colours === 'dark' });
    await here.signIn(page);
    expect(await page.locator('canvas').count()).toBe(2);
    expect(await isTooWide(page)).toBe(false);
    expect(await barriers(page)).toEqual([]);
    if (colours === (width > 1_000 ? 'light' : 'dark')) await picture(page, `overview-${colours}-${width}`);
  });
});

test('with the keyboard alone one signs in, skips the menu, and opens the table of the plots', async () => {
  const page = await browser.open();
  await here.signIn(page);
  await page.goto(`${here.address}/`);
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  expect(await page.evaluate('document.activeElement.id')).toBe('content');
  const table = page.getByRole('table', { name: /Leads a minute/ });
  expect(await table.isVisible()).toBe(false);
  for (let tabs = 0; tabs < 60; tabs += 1) {
    await page.keyboard.press('Tab');
    if ((await page.evaluate('document.activeElement.textContent')) === 'Show as a table') break;
  }
  await page.keyboard.press('Enter');
  await table.waitFor();
  expect(await table.getByRole('row').count()).toBe(61);
});
