import { expect, test } from 'vitest';
import { DEMO, useDemoSystem } from '../kit/browser/demo-system.ts';
import { useBrowser } from '../kit/browser/use-browser.ts';

/** In a network of one's own: over HTTP, from a name that is not `localhost`. Browsers trust such a place less. */

const here = useDemoSystem();
const browser = useBrowser({ hosts: { 'console.corp.test': '127.0.0.1' } });

test('one signs in, changes something, and signs out; forms are known as the console’s own', async () => {
  const address = here.address.replace('127.0.0.1', 'console.corp.test');
  const page = await browser.open();
  await here.enter(page, 'operator', undefined, address);
  expect(await page.evaluate('isSecureContext')).toBe(false);
  await page.goto(`${address}/dialers/${await here.idOf(DEMO.jwt.name)}`);
  await page.getByLabel('Why').fill('a test of forms');
  await page.getByRole('button', { name: 'Hold', exact: true }).click();
  await page.getByRole('status').filter({ hasText: 'It is held' }).waitFor();
  await page.getByLabel('Why').fill('');
  await page.getByLabel('Colours').selectOption('dark');
  await page.getByRole('button', { name: 'Switch' }).click();
  await page.locator('html[data-theme=dark]').waitFor();
  // A form that is refused comes back with the reason and what was typed.
  await page.getByLabel('For', { exact: true }).fill('long');
  await page.getByLabel('Why').fill('a test of forms');
  await page.getByRole('button', { name: 'Hold', exact: true }).click();
  await page.getByRole('alert').waitFor();
  expect(await page.getByLabel('For', { exact: true }).inputValue()).toBe('long');
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.getByRole('button', { name: 'Sign in' }).waitFor();
});

test('a key’s secret is there to be marked by hand where the browser does not let a page copy', async () => {
  const address = here.address.replace('127.0.0.1', 'console.corp.test');
  const page = await browser.open();
  await here.enter(page, 'admin', undefined, address);
  await page.goto(`${address}/companies/${await here.idOf(DEMO.ringcx.name)}/keys`);
  await page.getByRole('button', { name: 'Create the key' }).click();
  await page.locator('#secret').waitFor();
  expect(await page.getByRole('button', { name: 'Copy' }).isVisible()).toBe(false);
});
