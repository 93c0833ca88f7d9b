import { newId } from '@live-feed/core/ids';
import { addAlertRule } from '@live-feed/database/alerts/alert-rules';
import { applyReadings, claimAlertRules } from '@live-feed/database/alerts/alert-states';
import { beforeAll, describe, expect, test } from 'vitest';
import { useConsole } from '../kit/console/use-console.ts';

/** The page of alerts, its rules and its channels. */

const testConsole = useConsole();
const mine = newId();
const others = newId();
const as: Record<string, { readonly cookie: string }> = {};

beforeAll(async () => {
  const { database } = testConsole;
  await database.company.create({ data: { id: mine, name: 'Acme Solar' } });
  await database.company.create({ data: { id: others, name: 'Another One' } });
  await database.campaign.create({
    data: { id: newId(), companyId: mine, campaignId: '77', name: 'Summer' },
  });
  as['viewer'] = await testConsole.as('viewer');
  as['operator'] = await testConsole.as('operator');
  as['admin'] = await testConsole.as('admin');
  as['one'] = await testConsole.as('operator', mine);
});

async function page(url: string, who = 'admin') {
  const { statusCode, body } = await testConsole.app.inject({
    url,
    headers: { ...as[who], accept: 'text/html' },
  });
  return { statusCode, body };
}

/** @param on the page that the form is on */
async function send(
  url: string,
  fields: readonly (readonly [string, string])[],
  who = 'admin',
  on = 'alerts',
) {
  const { statusCode, headers, body } = await testConsole.app.inject({
    ...{ method: 'POST', url, payload: new URLSearchParams(fields.map(([...pair]) => pair)).toString() },
    headers: {
      ...{ ...as[who], accept: 'text/html', host: 'console.test', referer: `http://console.test/${on}` },
      'content-type': 'application/x-www-form-urlencoded',
    },
  });
  return { statusCode, to: headers.location, body };
}

const rules = () => testConsole.database.alertRule.findMany({ orderBy: { id: 'asc' } });

describe('a rule', () => {
  test('is added for each campaign of a company, changed, switched off and removed', async () => {
    expect((await page('/alerts/rules/new?kind=acceptance')).body).toContain('Of the leads received in');
    const added = await send(
      '/alerts/rules',
      [
        ...([
          ['kind', 'acceptance'],
          ['below', '60%'],
          ['for', '15m'],
          ['leads', ''],
        ] as const),
        ...([
          ['company', 'Acme Solar'],
          ['perCampaign', 'true'],
          ['endAfter', '5m'],
        ] as const),
      ],
      'operator',
    );
    expect([added.statusCode, added.to]).toEqual([303, '/alerts']);
    const [rule] = await rules();
    expect(rule).toMatchObject({
      ...{ companyId: mine, perCampaign: true, endAfterMs: 300_000 },
      condition: { kind: 'acceptance', below: 60, forMs: 900_000, leads: 20 },
    });
    const shown = await page('/alerts', 'viewer');
    expect(shown.body).toContain('acceptance below 60% over 15 minutes, of at least 20 leads');
    expect(shown.body).toContain('Acme Solar, each campaign');
    expect(shown.body).not.toContain('alerts/rules/');

    const form = await page(`/alerts/rules/${rule?.id}`, 'operator');
    expect(form.body).toMatch(/name="below"[^>]* value="60%"/);
    expect(form.body).toMatch(/name="for"[^>]* value="15m"/);
    const fields = [
      ['kind', 'acceptance'],
      ['below', '55'],
      ['for', '1h'],
      ['leads', '50'],
      ['endAfter', '10m'],
    ] as const;
    expect((await send(`/alerts/rules/${rule?.id}`, fields, 'operator')).statusCode).toBe(303);
    expect((await rules())[0]).toMatchObject({
      endAfterMs: 600_000,
      condition: { below: 55, forMs: 3_600_000, leads: 50 },
    });
    await send(`/alerts/rules/${rule?.id}/switch`, [['to', 'off']], 'operator');
    expect((await rules())[0]?.disabledAt).not.toBeNull();
    await send(`/alerts/rules/${rule?.id}/remove`, [], 'operator');
    expect(await rules()).toEqual([]);
  });

  test('with a wrong value is asked for again, with what was written', async () => {
    const wrong = [
      ['kind', 'no_leads'],
      ['for', '2 hours'],
      ['hours', 'mon-fri 9-18'],
      ['endAfter', '5m'],
    ] as const;
    const refused = await send('/alerts/rules', wrong, 'admin', 'alerts/rules/new?kind=no_leads');
    expect(refused.statusCode).toBe(422);
    expect(refused.body).toMatch(/name="for"[^>]* value="2 hours"[^>]* aria-invalid="true"/);
    expect(refused.body).toContain('Expected days and hours such as mon-fri 09:00-18:00');
    const nobodys = [
      ['kind', 'held'],
      ['for', '10m'],
      ['company', '<nobody>'],
      ['endAfter', '5m'],
    ] as const;
    const unknown = await send('/alerts/rules', nobodys, 'admin', 'alerts/rules/new?kind=held');
    expect(unknown.body).toContain('value="&lt;nobody>"');
    expect([unknown.statusCode, unknown.body]).toEqual([
      404,
      expect.stringContaining('There is no company &quot;&lt;nobody>&quot;'),
    ]);
    expect(await rules()).toEqual([]);
  });

  test('whose channels alone change keeps what burns', async () => {
    await send('/alerts/channels', [
      ...([
        ['kind', 'email'],
        ['name', 'duty'],
        ['to', 'a@example.com, b@example.com'],
        ['perHour', '20'],
      ] as const),
    ]);
    const rule = await burning(mine);
    await send(`/alerts/rules/${rule}`, [
      ...([
        ['kind', 'parked'],
        ['above', '0'],
        ['endAfter', '5m'],
        ['channels', 'duty'],
      ] as const),
    ]);
    expect(await testConsole.database.alertState.count()).toBe(1);
    await send(`/alerts/rules/${rule}/remove`, []);
    await send('/alerts/channels/duty/remove', []);
  });
});

/** An alert of a campaign. @returns the id of its rule */
async function burning(companyId: string): Promise<string> {
  const { database } = testConsole;
  const scope = { companyId: null, campaignId: null, perCampaign: false, channels: [], endAfterMs: 300_000 };
  const id = await addAlertRule(database, { condition: { kind: 'parked', above: 0 }, ...scope }, 100);
  const claimed = (await claimAlertRules(database, { everyMs: 0, limit: 10 })).find((rule) => rule.id === id);
  if (claimed === undefined) throw new Error('The rule was not claimed.');
  const names = { companyName: 'x', subject: '77', subjectName: 'Summer' };
  await applyReadings(database, claimed, [
    { companyId, ...names, isMet: true, known: `Seen of ${companyId}.` },
  ]);
  return claimed.id;
}

test('people of one company see what burns there, and neither rules nor channels', async () => {
  const rulesOfBoth = [await burning(mine), await burning(others)];
  const all = await page('/alerts', 'viewer');
  expect(all.body).toContain(`Seen of ${mine}.`);
  expect(all.body).toContain(`Seen of ${others}.`);
  const one = await page('/alerts', 'one');
  expect(one.statusCode).toBe(200);
  expect(one.body).toContain(`Seen of ${mine}.`);
  expect(one.body).toContain('burning');
  expect(one.body).not.toContain(others);
  expect(one.body).not.toMatch(/<h2>(Rules|Channels)/);
  for (const rule of rulesOfBoth) await send(`/alerts/rules/${rule}/remove`, []);
});

describe('a channel', () => {
  test('is added with a secret that is shown once, shown by its host, and removed', async () => {
    const added = await send('/alerts/channels', [
      ...([
        ['kind', 'webhook'],
        ['name', 'the program'],
        ['url', 'https://hooks.example.com/a-secret'],
        ['perHour', '5'],
      ] as const),
    ]);
    expect([added.statusCode, added.body]).toEqual([
      200,
      expect.stringMatching(/<code>whsec_[\w+/=]+<\/code>/),
    ]);
    const shown = await page('/alerts', 'operator');
    expect(shown.body).toContain('hooks.example.com');
    expect(shown.body).toContain('not used yet');
    const form = await page('/alerts/channels/the%20program');
    expect(form.statusCode).toBe(200);
    expect(shown.body + form.body).not.toMatch(/a-secret|whsec_/);
    const { status } = { status: (await page('/alerts/channels/the%20program', 'operator')).statusCode };
    expect(status).toBe(403);
    await send('/alerts/channels/the%20program', [
      ['kind', 'webhook'],
      ['perHour', '7'],
      ['url', ''],
    ]);
    await send('/alerts/channels/the%20program/switch', [['to', 'off']]);
    expect(await testConsole.database.alertChannel.findMany()).toMatchObject([
      { name: 'the program', mostPerHour: 7, disabledAt: expect.any(Date) },
    ]);
    expect((await send('/alerts/channels/the%20program/remove', [])).to).toBe('/alerts');
    expect(await testConsole.database.alertChannel.count()).toBe(0);
  });

  test.each([
    [
      [
        ['kind', 'email'],
        ['name', 'x'],
        ['to', 'nobody'],
        ['perHour', '5'],
      ],
      303,
    ],
    [
      [
        ['kind', 'slack'],
        ['name', 'x'],
        ['url', 'gopher://x'],
        ['perHour', '5'],
      ],
      303,
    ],
    [
      [
        ['kind', 'email'],
        ['name', 'x'],
        ['to', ''],
        ['perHour', '5'],
      ],
      303,
    ],
    [
      [
        ['kind', 'pigeon'],
        ['name', 'x'],
        ['perHour', '5'],
      ],
      303,
    ],
  ] as const)('%j is refused', async (fields, status) => {
    const refused = await send('/alerts/channels', fields);
    expect(refused.statusCode).toBe(status);
    expect(await testConsole.database.alertChannel.count()).toBe(0);
  });
});
