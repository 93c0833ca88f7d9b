import { readFile } from 'node:fs/promises';
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { DEMO, useDemoSystem } from '../kit/browser/demo-system.ts';
import { barriers, picture, useBrowser } from '../kit/browser/use-browser.ts';
import { misbehave, post } from '../kit/http/client.ts';
import { untilAdmitted } from '../kit/leads/lead-effects.ts';
import { addCompany, type Company } from '../kit/system/company.ts';

/** All that a search finds: sent to the right campaign, or taken along as a file. */

const here = useDemoSystem();
const browser = useBrowser();
const COUNT = 20;

/** Of a company of its own, all rejected: they went to the wrong campaign. */
async function addRejected(): Promise<Company & { readonly name: string }> {
  const company = await addCompany(here.system, { maxInFlight: 4 });
  const { name } = await here.console.database.company.findUniqueOrThrow({ where: { id: company.id } });
  const { campaignId } = company;
  await misbehave(here.system, {
    rules: [
      { on: 'upload', match: { campaignId }, fault: { kind: 'reject', message: 'Not of this campaign' } },
    ],
  });
  const statuses = await Promise.all(
    Array.from({ length: COUNT }, async (_, n) => {
      const lead = { leadPhone: `20655501${String(n).padStart(2, '0')}`, firstName: `Lead ${n}` };
      return (await untilAdmitted(() => post(here.system, { campaignId, lead }, { key: company.key })))
        .status;
    }),
  );
  expect(new Set(statuses)).toEqual(new Set([502]));
  return { ...company, name };
}

async function openLeads(page: Page): Promise<void> {
  const menu = page.getByRole('navigation', { name: 'Pages of the console' });
  await menu.getByRole('link', { name: 'Leads' }).click();
}

async function search(page: Page, company: string, state: string): Promise<void> {
  await openLeads(page);
  await page.getByLabel('Company').selectOption(company);
  await page.getByLabel('State').selectOption(state);
  await page.getByRole('button', { name: 'Search' }).click();
}

const rows = (page: Page) => page.getByRole('table', { name: /^Leads/ }).locator('tbody tr');

test('twenty rejected leads are sent to the right campaign: found, counted, confirmed, done', async () => {
  const company = await addRejected();
  const right = String(Number(company.campaignId) + 1);
  await here.console.database.campaign.create({
    data: { id: crypto.randomUUID(), companyId: company.id, campaignId: right, name: 'Roofs' },
  });
  const page = await browser.open({ width: 1_200 });
  await here.enter(page, 'operator');
  await search(page, company.name, 'REJECTED');
  expect(await rows(page).count()).toBe(COUNT);

  await page.getByRole('link', { name: /^Send again/ }).click();
  await page.getByText(`${COUNT} leads`).waitFor();
  const campaign = page.getByLabel('To campaign');
  if ((await campaign.evaluate('each => each.tagName')) === 'SELECT') await campaign.selectOption(right);
  else await campaign.fill(right);
  expect(await barriers(page)).toEqual([]);
  await picture(page, 'task-leads-sent-again');
  await page.getByRole('button', { name: /^Yes/ }).click();
  await page
    .getByRole('status')
    .filter({ hasText: `Sent ${COUNT} of ${COUNT} leads again` })
    .waitFor();

  const { lead } = here.console.database;
  const accepted = { companyId: company.id, campaignId: right, state: 'ACCEPTED' as const };
  await expect.poll(() => lead.count({ where: accepted }), { timeout: 30_000 }).toBe(COUNT);
  await search(page, company.name, 'ACCEPTED');
  expect(await rows(page).count()).toBe(COUNT);
});

async function download(page: Page): Promise<string> {
  const [file] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('link', { name: 'Export as CSV' }).click(),
  ]);
  expect(file.suggestedFilename()).toMatch(/^leads-.*\.csv$/);
  return readFile(await file.path(), 'utf8');
}

test.each([
  ['operator', /,212555\d{4},/],
  ['viewer', /\*{8}\d\d/],
] as const)('a day as CSV, for the role %s', async (role, phone) => {
  const page = await browser.open();
  await here.enter(page, role);
  await openLeads(page);
  await page.getByLabel('Company').selectOption(DEMO.newbridge.name);
  await page.getByRole('button', { name: 'Search' }).click();
  const yesterday = new Intl.DateTimeFormat('sv-SE', { timeZone: 'America/New_York' }).format(
    Date.now() - 86_400_000,
  );
  await page.getByLabel(/^From/).fill(`${yesterday}T00:00`);
  await page.getByLabel(/^Until/).fill(`${yesterday}T23:59`);
  await page.getByRole('button', { name: 'Search' }).click();
  const [head = '', ...lines] = (await download(page)).trim().split('\r\n');
  expect(head).toContain('phone');
  expect(lines.length).toBeGreaterThan(50);
  for (const line of lines) expect(line).toMatch(phone);
  if (role === 'viewer') for (const line of lines) expect(line).not.toMatch(/,212555\d{4},.*,212555\d{4},/);
  expect(lines.every((line) => line.includes(yesterday))).toBe(true);
});
