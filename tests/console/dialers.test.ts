import { newId } from '@live-feed/core/ids';
import { listAuditEntries } from '@live-feed/database/audit/audit-log';
import { beforeAll, describe, expect, test } from 'vitest';
import { useConsole } from '../kit/console/use-console.ts';

/** The pages of dialers and campaigns. */

const testConsole = useConsole();
const acme = { id: newId(), name: 'Acme Solar' };
const other = { id: newId(), name: 'Other Roofs' };
const as: Record<string, { readonly cookie: string }> = {};

beforeAll(async () => {
  const { database } = testConsole;
  for (const { id, name } of [acme, other]) {
    await database.company.create({ data: { id, name } });
    await database.dialer.create({
      data: {
        id: newId(),
        companyId: id,
        family: 'ringcx',
        baseUrl: 'http://127.0.0.1:1',
        accountId: `of ${name}`,
      },
    });
    await database.campaign.create({
      data: { id: newId(), companyId: id, campaignId: '7001', name: `Summer of ${name}` },
    });
  }
  as['viewer'] = await testConsole.as('viewer');
  as['operator'] = await testConsole.as('operator');
  as['admin'] = await testConsole.as('admin');
  as['one'] = await testConsole.as('operator', acme.id);
});

async function page(url: string, who = 'operator') {
  const { statusCode, body } = await testConsole.app.inject({
    url,
    headers: { ...as[who], accept: 'text/html' },
  });
  return { status: statusCode, body };
}

async function send(path: string, form: Readonly<Record<string, string>> = {}, who = 'operator') {
  const { statusCode, headers } = await testConsole.app.inject({
    method: 'POST',
    url: path,
    headers: {
      ...as[who],
      ...{ accept: 'text/html', 'content-type': 'application/x-www-form-urlencoded' },
      ...{ host: 'console.example', origin: 'http://console.example' },
      referer: 'http://console.example/dialers',
    },
    payload: new URLSearchParams(form).toString(),
  });
  return { status: statusCode, location: headers.location };
}

const campaign = `/dialers/${acme.id}/campaigns/7001`;

describe('dialers', () => {
  test('are listed with their state, for one company alone its own', async () => {
    expect((await page('/dialers', 'viewer')).body).toMatch(/Acme Solar[\s\S]*serving[\s\S]*Other Roofs/);
    const own = await page('/dialers', 'one');
    expect(own.body).toContain(acme.name);
    expect(own.body).not.toContain(other.name);
    expect(await page(`/dialers/${other.id}`, 'one')).toMatchObject({ status: 404 });
    expect(await page(`/dialers/${other.id}/campaigns/7001`, 'one')).toMatchObject({ status: 404 });
  });

  test('can be held with a reason that everybody sees, and released', async () => {
    expect(await send(`/dialers/${acme.id}/hold`, { for: '2h', reason: 'moving accounts' })).toEqual({
      ...{ status: 303, location: `/dialers/${acme.id}` },
    });
    expect((await page('/dialers', 'viewer')).body).toMatch(/held[\s\S]*by a person; moving accounts/);
    await send(`/dialers/${acme.id}/release`);
    expect((await page(`/dialers/${acme.id}`, 'viewer')).body).not.toContain('moving accounts');
    const [released, held] = await listAuditEntries(testConsole.database, { limit: 2 });
    expect([released, held]).toMatchObject([
      { operation: 'dialer.release', company: acme.name, end: { before: { reason: 'ops' } } },
      { operation: 'dialer.hold', input: { reason: 'moving accounts' } },
    ]);
  });

  test('a time that is none is told on the page that the form was on', async () => {
    expect(await send(`/dialers/${acme.id}/hold`, { for: 'long', reason: 'x' })).toEqual({
      ...{ status: 303, location: '/dialers' },
    });
  });

  test('a test says what the dialing system answered', async () => {
    expect(await send(`/dialers/${acme.id}/test`)).toMatchObject({ status: 303 });
    const [entry] = await listAuditEntries(testConsole.database, { limit: 1 });
    expect(entry).toMatchObject({ operation: 'dialer.test' });
  });

  test('a viewer sees all of it and no button', async () => {
    const { body } = await page(`/dialers/${acme.id}`, 'viewer');
    expect(body).toContain('Summer of Acme Solar (7001)');
    expect(body).not.toMatch(/Stop …|Hold the whole dialer|Test it/);
    expect(await send(`${campaign}/pause`, { newLeads: 'refuse' }, 'viewer')).toMatchObject({ status: 403 });
  });
});

describe('one campaign', () => {
  test('tells everybody by the hour how it fares, those who may not change it nothing else', async () => {
    const { database } = testConsole;
    for (const [state, leads] of [
      ['ACCEPTED', 3],
      ['REJECTED', 1],
    ] as const) {
      await database.$executeRaw`
        INSERT INTO lead_changes (id, company_id, received_at, campaign_id, source, state, reason, within_ms, leads)
        VALUES (${newId()}::uuid, ${acme.id}::uuid, date_trunc('hour', now()), '7001', '', ${state}::lead_state, '', 400, ${leads}::int)`;
    }
    const { body } = await page(campaign, 'viewer');
    const row = body.slice(body.indexOf('By the hour')).match(/<tbody>[\s\S]*?<\/tr>/)?.[0] ?? '';
    expect(row.replace(/<[^>]*>/g, ' ').replace(/\s+/g, ' ')).toMatch(/:00:00 \S+ 4 75\.0 % 1 ≤ 400 ms /);
    expect(body).not.toMatch(/Stop the campaign|Rename|Remove/);
  });

  test('is stopped alone, with a reason and an end, and started again', async () => {
    expect((await page(campaign)).body).toContain('Stop the campaign');
    await send(`${campaign}/pause`, { newLeads: 'keep', for: '2h', reason: 'wrong script' });
    const stopped = await page(`/dialers/${acme.id}`);
    expect(stopped.body).toMatch(/stopped[\s\S]*wrong script[\s\S]*new leads are kept[\s\S]*Start again/);
    expect((await page(`/dialers/${other.id}`)).body).not.toContain('stopped');
    await send(`${campaign}/resume`);
    expect((await page(`/dialers/${acme.id}`)).body).not.toContain('wrong script');
    expect(await listAuditEntries(testConsole.database, { limit: 2 })).toMatchObject([
      { operation: 'campaign.resume', end: { target: 'campaign 7001 (Summer of Acme Solar)' } },
      { operation: 'campaign.pause', end: { after: { pause: { kind: 'keep', because: 'wrong script' } } } },
    ]);
  });

  test('is renamed here, and removed by an admin once nothing needs it', async () => {
    await send(`${campaign}/rename`, { name: 'Our summer' });
    expect((await page(`/dialers/${acme.id}`)).body).toContain('Our summer (7001)');
    expect(await send(`${campaign}/remove`)).toMatchObject({ status: 403 });
    await send(`${campaign}/remove`, {}, 'admin');
    expect(await page(campaign)).toMatchObject({ status: 404 });
  });
});
