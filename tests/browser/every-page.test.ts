import type { Page } from 'playwright-core';
import { beforeAll, expect, test } from 'vitest';
import { DEMO, useDemoSystem } from '../kit/browser/demo-system.ts';
import { addThings, WITH_CODES } from '../kit/browser/demo-things.ts';
import { barriers, isTooWide, picture, unreachable, useBrowser } from '../kit/browser/use-browser.ts';
import { type ConsolePage, PAGES, type PageRoute, type Things, thingsOf } from '../kit/console/pages.ts';

/** Every page, as it looks to those who run everything. Nothing on it fails, nothing is loaded from elsewhere, and everybody can use it. */

const here = useDemoSystem();
const browser = useBrowser();
let things: Things;

beforeAll(async () => {
  await addThings(here);
  things = await thingsOf(here.console.database, await here.idOf(DEMO.jwt.name));
});

async function visit(page: Page, { path, isOutside }: ConsolePage): Promise<void> {
  if (isOutside !== true) await here.enter(page, 'admin');
  const address = path(things);
  if (address === 'sign-in/code') await giveThePassword(page);
  else await page.goto(`${here.address}/${address}`);
  expect(new URL(page.url()).pathname).toBe(new URL(address, `${here.address}/`).pathname);
}

/** The page for the code is there only then. */
async function giveThePassword(page: Page): Promise<void> {
  await page.goto(`${here.address}/sign-in`);
  await page.getByLabel('Name').fill(WITH_CODES.name);
  await page.getByLabel('Password').fill(WITH_CODES.password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.waitForURL('**/sign-in/code');
}

/** Those of Bull Board are in `queues.test.ts`. */
const OURS = (Object.entries(PAGES) as [PageRoute, ConsolePage][]).filter(
  ([route]) => !route.startsWith('GET /queues/'),
);

const LOOKS = [
  { colorScheme: 'light', width: 1_200 },
  { colorScheme: 'dark', width: 1_200 },
  { colorScheme: 'dark', width: 360 },
  { colorScheme: 'light', width: 360 },
] as const;

test.each(OURS)('%s: light and dark, wide and narrow, with the keyboard alone', async (_route, entry) => {
  const page = await browser.open({ width: 1_200 });
  await visit(page, entry);
  await picture(page, entry.name);
  const found: string[] = [];
  for (const { colorScheme, width } of LOOKS) {
    await page.setViewportSize({ width, height: 800 });
    await page.emulateMedia({ colorScheme });
    const problems = await barriers(page);
    if (await isTooWide(page)) problems.push('One has to scroll sideways.');
    found.push(...problems.map((problem) => `${colorScheme}, ${width} px: ${problem}`));
  }
  await page.setViewportSize({ width: 1_200, height: 800 });
  expect([...found, ...(await unreachable(page))]).toEqual([]);
});
