import type { Page } from 'playwright-core';
import { beforeAll, expect, test } from 'vitest';
import { DEMO, useDemoSystem } from '../kit/browser/demo-system.ts';
import { addThings } from '../kit/browser/demo-things.ts';
import { isTooWide, picture, useBrowser } from '../kit/browser/use-browser.ts';
import { type ConsolePage, PAGES, type Things, thingsOf } from '../kit/console/pages.ts';

/** Bull Board's pages, which others have written: they keep to their policy, load what there is, and do what an operator may. */

const here = useDemoSystem();
const browser = useBrowser();
let things: Things;

beforeAll(async () => {
  await addThings(here);
  things = await thingsOf(here.console.database, await here.idOf(DEMO.jwt.name));
});

const BOARD = Object.entries<ConsolePage>(PAGES).filter(([route]) => route.startsWith('GET /queues/'));

async function visit(page: Page, { path }: ConsolePage): Promise<void> {
  await page.goto(`${here.address}/${path(things)}`);
  await page
    .getByRole('link', { name: new RegExp(DEMO.jwt.name) })
    .first()
    .waitFor({ state: 'attached' });
}

test.each(BOARD)('%s: light and dark, wide and narrow', async (_route, entry) => {
  const page = await browser.open({ width: 1_200 });
  await here.enter(page, 'operator');
  await visit(page, entry);
  await picture(page, entry.name);
  for (const width of [1_200, 360]) {
    await page.setViewportSize({ width, height: 800 });
    for (const colorScheme of ['dark', 'light'] as const) await page.emulateMedia({ colorScheme });
    expect(await isTooWide(page)).toBe(false);
  }
});

test('an operator pauses and resumes a queue by its menu, which has nothing that the console does not permit', async () => {
  const page = await browser.open({ width: 1_200 });
  await here.enter(page, 'operator');
  await visit(page, PAGES['GET /queues/queue/:queueName']);
  const menu = page.getByRole('menu');
  const items = page.getByRole('menuitem');
  const choose = async (name: string) => {
    const answered = page.waitForResponse((response) => response.request().method() === 'PUT');
    await items.filter({ hasText: name }).click();
    await page.getByRole('button', { name: 'Confirm' }).click();
    expect((await answered).status()).toBe(200);
    await page.reload();
  };
  const openMenu = async () => {
    await page.locator('main button[aria-haspopup="menu"]').last().click();
    await menu.waitFor();
  };
  await openMenu();
  expect((await menu.innerText()).trim()).toBe('Pause');
  await choose('Pause');
  await openMenu();
  expect((await menu.innerText()).trim()).toBe('Resume');
  await choose('Resume');
  await page.goto(`${here.address}/audit?operation=queue.`);
  expect(await page.getByRole('row', { name: /queue\.(pause|resume).*done/ }).count()).toBe(2);
});
