import { afterAll, beforeAll, expect, test } from 'vitest';
import { useDemoSystem } from '../kit/browser/demo-system.ts';
import { barriers, picture, useBrowser } from '../kit/browser/use-browser.ts';
import { type Receiver, startReceiver } from '../kit/webhooks/receiver.ts';

/** People are told: a channel, tried; a rule; and what burns. */

const here = useDemoSystem();
const browser = useBrowser();
let chat: Receiver;

beforeAll(async () => {
  chat = await startReceiver();
});
afterAll(() => chat?.stop());

test('a chat is told that acceptance fell', async () => {
  const page = await browser.open({ width: 1_200 });
  await here.enter(page, 'admin');
  await page.getByRole('link', { name: 'Alerts', exact: true }).click();
  await page.getByRole('link', { name: 'Slack-compatible webhook' }).click();
  await page.getByLabel('Name', { exact: true }).fill('On duty');
  await page.getByLabel('Address').fill(chat.url);
  await page.getByRole('button', { name: 'Add the channel' }).click();
  await page.getByRole('status').filter({ hasText: 'Added the channel "On duty"' }).waitFor();
  await page.getByRole('button', { name: 'Send a test' }).click();
  await page.getByRole('status').filter({ hasText: /^Sent/ }).waitFor();
  expect(chat.requests.length).toBe(1);

  await page.getByRole('link', { name: 'Acceptance fell' }).click();
  await page.getByLabel('Below').fill('60%');
  await page.getByLabel('Of the leads received in').fill('1h');
  await page.getByLabel('Look at each campaign by itself').check();
  await page.getByLabel('On duty').check();
  expect(await barriers(page)).toEqual([]);
  await page.getByRole('button', { name: 'Add the rule' }).click();
  await page.getByRole('status').filter({ hasText: 'Added' }).waitFor();

  // The page reads itself anew.
  const burning = page.getByRole('table', { name: 'Burning now' });
  await burning.getByRole('row', { name: /Demo NewBridge.*burning/ }).waitFor({ timeout: 60_000 });
  await expect.poll(() => chat.requests.length, { timeout: 30_000 }).toBeGreaterThan(1);
  expect(chat.requests.at(-1)?.body).toContain('Demo NewBridge');
  await page.reload();
  await page
    .getByRole('table', { name: 'Last messages' })
    .getByRole('row', { name: /sent/ })
    .first()
    .waitFor();
  await picture(page, 'task-alerts');
});
