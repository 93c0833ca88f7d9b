import { expect, test } from 'vitest';
import { DEMO, useDemoSystem } from '../kit/browser/demo-system.ts';
import { barriers, picture, useBrowser } from '../kit/browser/use-browser.ts';
import { misbehave, post } from '../kit/http/client.ts';
import { untilAdmitted, untilState } from '../kit/leads/lead-effects.ts';

/** "The lead for 305 555 0177 of 10:32 never rang": what somebody finds who has the phone, the time, and no SQL. */

const here = useDemoSystem();
const browser = useBrowser();
const PHONE = '3055550177';

/** Sends a lead of Demo RingCX. @returns its answer */
function send(leadPhone: string, headers: Record<string, string> = {}) {
  const body = { campaignId: DEMO.ringcx.campaign, lead: { leadPhone, firstName: 'Jane', lastName: 'Doe' } };
  return untilAdmitted(() => post(here.system, body, { headers }));
}

/** As a field for a date and a time takes it. */
function minuteIn(zone: string, atMs: number): string {
  const format = new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short', timeStyle: 'short' });
  return format.format(atMs).replace(' ', 'T');
}

test('it is found by its phone and the minute on the company’s clock, and its page says why', async () => {
  await misbehave(here.system, {
    rules: [
      {
        on: 'upload',
        match: { campaignId: DEMO.ringcx.campaign },
        fault: { kind: 'reject', message: 'Duplicate lead in this campaign' },
      },
    ],
  });
  const { body } = await send(PHONE);
  await misbehave(here.system, {});
  const page = await browser.open();
  await here.enter(page, 'operator');

  await page.getByRole('link', { name: 'Leads', exact: true }).click();
  await page.getByLabel('Company').selectOption(DEMO.ringcx.name);
  await page.getByLabel('Phone or id').fill('(305) 555-0177');
  await page.getByRole('button', { name: 'Search' }).click();
  const from = page.getByLabel(/^From \(America\/New_York\)$/);
  await from.fill(minuteIn('America/New_York', Date.now() - 60_000));
  await page.getByRole('button', { name: 'Search' }).click();
  const found = page.getByRole('table', { name: /^Leads/ }).locator('tbody tr');
  expect(await found.count()).toBe(1);
  expect(await found.innerText()).toMatch(/REJECTED.*DIALER_REJECTED/s);

  await found.getByRole('link').first().click();
  await page.getByRole('heading', { name: `Lead of ${PHONE}` }).waitFor();
  expect(page.url()).toBe(`${here.address}/leads/${body.leadId}`);
  const text = await page.getByRole('main').innerText();
  expect(text).toMatch(/Received.*later.*REJECTED: DIALER_REJECTED/s);
  expect(text).toContain('Duplicate lead in this campaign');
  expect(text).toContain('Why that caller ID');
  expect(await barriers(page)).toEqual([]);
  await picture(page, 'task-lead-never-rang');
});

test('it was no lead: the request was refused, and the search says so below the leads', async () => {
  const { status } = await post(here.system, {
    campaignId: '404404',
    lead: { leadPhone: '3055550178', firstName: 'Jane' },
  });
  expect(status).toBe(404);
  const page = await browser.open();
  await here.enter(page, 'viewer');
  const { refusedRequest } = here.console.database;
  await expect.poll(() => refusedRequest.count({ where: { code: 'CAMPAIGN_NOT_FOUND' } })).toBe(1);

  await page.getByRole('link', { name: 'Leads', exact: true }).click();
  await page.getByLabel('Phone or id').fill('305-555-0178');
  await page.getByRole('button', { name: 'Search' }).click();
  const refused = page.getByRole('table', { name: /Refused requests/ }).locator('tbody tr');
  expect(await refused.count()).toBe(1);
  expect(await refused.innerText()).toMatch(/404.*CAMPAIGN_NOT_FOUND.*\*+78/s);
  await page.getByRole('link', { name: 'Refused requests' }).click();
  expect(await page.getByRole('row', { name: /CAMPAIGN_NOT_FOUND/ }).count()).toBe(1);
});

test('it is parked: the overview leads to it, and its page sends it on', async () => {
  const campaignId = DEMO.ringcx.campaign;
  await misbehave(here.system, {
    rules: [{ on: 'upload', match: { campaignId }, fault: { kind: 'status', status: 401 } }],
  });
  const { body } = await send('3055550179', { prefer: 'respond-async' });
  await untilState(here.system, body.leadId, 'PARKED');
  await misbehave(here.system, {});
  const page = await browser.open();
  await here.enter(page, 'operator');

  await page.getByRole('listitem').filter({ hasText: 'are parked' }).getByRole('link').click();
  await page.locator(`a[href="leads/${body.leadId}"]`).click();
  await page.getByText('Retry', { exact: true }).click();
  await page.getByRole('button', { name: 'Yes, retry it' }).click();
  await page.getByRole('status').filter({ hasText: 'The lead is' }).waitFor();
  await page.goto(`${here.address}/dialers/${await here.idOf(DEMO.ringcx.name)}`);
  await page.getByRole('button', { name: /^Release/ }).click();
  await untilState(here.system, body.leadId, 'ACCEPTED');
});
