import { digestApiKey, hintOf, issueApiKey } from '@live-feed/core/crypto/api-key';
import type { KeySettings } from '@live-feed/core/directory/key-settings';
import { newId } from '@live-feed/core/ids';
import { describe, expect, test } from 'vitest';
import { type Answer, callIngress, leadNumber } from '../../kit/http/client.ts';
import { beyondCaps } from '../../kit/judge/ani-caps.ts';
import { storedLeads } from '../../kit/judge/stored-leads.ts';
import { submit, untilAdmitted } from '../../kit/leads/lead-effects.ts';
import { addCompany, type Company } from '../../kit/system/company.ts';
import type { System } from '../../kit/system/system.ts';
import { useSystem } from '../../kit/system/use-system.ts';

/** Caller IDs for calls that a company's dialer makes by itself. Which number is the best is proved in packages/core. */

let system: System;
useSystem({ ingresses: 2 }, (started) => {
  ({ system } = started);
});

function ask({ key }: Pick<Company, 'key'>, path: string, body: unknown, ingress = 0): Promise<Answer> {
  return untilAdmitted(
    () =>
      callIngress(system.ingresses[ingress]?.url ?? '', path, {
        method: 'POST',
        headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
        body: JSON.stringify(body),
      }),
    1_000,
  );
}

const assign = (company: Pick<Company, 'key'>, body: object, ingress = 0) =>
  ask(company, '/assignment', { prospect_phone: '5550000001', ...body }, ingress);
const assignMany = (company: Pick<Company, 'key'>, leads: readonly unknown[], more: object = {}) =>
  ask(company, '/assignment/batch', { leads, ...more });

let nextPhone = 0;

/** A company that has just these numbers, of these area codes. */
async function companyWith(areaCodes: readonly number[], dailyCap = 75) {
  const company = await addCompany(system);
  await system.database.ani.deleteMany({ where: { companyId: company.id } });
  const phones = areaCodes.map((areaCode) => `${areaCode}${3_000_000 + nextPhone++}`);
  await system.database.ani.createMany({
    data: phones.map((phone) => ({ id: newId(), companyId: company.id, phone, dailyCap })),
  });
  return { ...company, phones };
}

/** A campaign of a number of its own. */
async function addPool(company: Company & { readonly phones: readonly string[] }, campaignId: string) {
  const ani = await system.database.ani.findUniqueOrThrow({ where: { phone: company.phones[0] ?? '' } });
  const campaign = newId();
  await system.database.campaign.create({ data: { id: campaign, companyId: company.id, campaignId } });
  await system.database.campaignAni.create({ data: { campaignId: campaign, aniId: ani.id } });
}

async function keyOf({ id: companyId }: Company, settings: KeySettings): Promise<{ readonly key: string }> {
  const key = issueApiKey();
  await system.database.apiKey.create({
    data: {
      ...{ id: newId(), companyId, type: 'universal', settings },
      ...{ digest: digestApiKey(key), hint: hintOf(key) },
    },
  });
  return { key };
}

const NONE = { success: false, message: 'No available ANI found' };
const given = (ani: string | undefined) => ({ success: true, ani, message: 'ANI assigned successfully' });

describe('/assignment', () => {
  test('gives the number of the same area code, as asked for, until its cap is reached', async () => {
    const company = await companyWith([206, 305], 1);
    const [seattle, miami] = company.phones;
    const first = await assign(company, { prospect_phone: '(305) 555-0100', e164: true, real_time: true });
    expect([first.status, first.body]).toEqual([200, given(`+1${miami}`)]);
    expect((await assign(company, { prospect_phone: '3055550100' })).body).toEqual(given(seattle));
    const last = await assign(company, { prospect_phone: '3055550100', e164: null });
    expect([last.status, last.body]).toEqual([200, NONE]);
  });

  test('goes by the ZIP code where the phone is of no place', async () => {
    const company = await companyWith([206, 305]);
    const body = { prospect_phone: '8005550100', prospect_zip: '33101' };
    expect((await assign(company, body)).body).toEqual(given(company.phones[1]));
  });

  test('gives any number for one of another country', async () => {
    const company = await companyWith([206]);
    expect((await assign(company, { prospect_phone: '447700900123' })).body).toEqual(
      given(company.phones[0]),
    );
  });

  test('gives numbers of the campaign’s pool only', async () => {
    const company = await companyWith([206, 305], 1);
    await addPool(company, '909');
    const body = { prospect_phone: '3055550100', dialer_campaign: '909' };
    expect((await assign(company, body)).body).toEqual(given(company.phones[0]));
    expect((await assign(company, body)).body).toEqual(NONE);
    const unknown = await assign(company, { ...body, dialer_campaign: 'nobody’s' });
    expect(unknown).toMatchObject({ status: 404, body: { code: 'CAMPAIGN_NOT_FOUND' } });
    expect((await assign(company, { dialer_campaign: '' })).body).toEqual(given(company.phones[1]));
  });

  test('gives none for a phone that must not be called, and uses none up', async () => {
    const company = await companyWith([206], 1);
    await ask(company, '/dnc/add', { phone: '5550000001' });
    const refused = await assign(company, {});
    expect([refused.status, refused.body]).toEqual([
      200,
      { success: false, message: 'The phone is on your do-not-call list. Do not call it.' },
    ]);
    expect((await assign(company, { prospect_phone: '5550000002' })).body).toEqual(given(company.phones[0]));
  });

  test.each(['555', '1234567890123456', 'Jane'])('%s is no phone', async (prospect_phone) => {
    const answer = await assign(await companyWith([206]), { prospect_phone });
    expect(answer).toMatchObject({ status: 400, body: { success: false, code: 'PHONE_INVALID' } });
    expect(answer.body.message).toContain('10 to 15 digits');
  });

  test('holds a key to its campaigns and its limits', async () => {
    const company = await companyWith([206]);
    await addPool(company, '909');
    const limited = await keyOf(company, { campaigns: ['909'], daily: 1 });
    for (const dialer_campaign of [undefined, company.campaignId]) {
      const refused = await assign(limited, { dialer_campaign });
      expect(refused).toMatchObject({ status: 403, body: { code: 'CAMPAIGN_NOT_ALLOWED' } });
    }
    const rows = [1, 2].map((row_id) => ({ row_id, prospect_phone: '5550000001', dialer_campaign: '909' }));
    const { body } = await assignMany(limited, rows);
    expect(body.results.map(({ outboundani }: { outboundani: string }) => outboundani).sort()).toEqual([
      '',
      company.phones[0],
    ]);
    const refused = await callIngress(system.ingresses[0]?.url ?? '', '/assignment', {
      method: 'POST',
      headers: { authorization: `Bearer ${limited.key}`, 'content-type': 'application/json' },
      body: JSON.stringify(rows[0]),
    });
    expect(refused).toMatchObject({ status: 429, body: { code: 'KEY_LIMIT_REACHED' } });
  });

  test('needs no dialer', async () => {
    const company = await companyWith([206]);
    await system.database.dialer.deleteMany({ where: { companyId: company.id } });
    expect((await assign(company, {})).body).toEqual(given(company.phones[0]));
  });
});

describe('/assignment/batch', () => {
  test('answers each row in its place, with its own id, and refuses those that are wrong alone', async () => {
    const company = await companyWith([206, 305], 1);
    await addPool(company, '909');
    await ask(company, '/dnc/add', { phone: '5550000009' });
    const { status, body } = await assignMany(
      company,
      [
        { row_id: 'a', prospect_phone: '2065550100' },
        { row_id: 7, prospect_phone: '206555' },
        { row_id: 'a', prospect_phone: '2065550100', dialer_campaign: '909' },
        { row_id: 1.5, prospect_phone: '2065550100', dialer_campaign: '910' },
        { row_id: '', prospect_phone: '5550000009' },
        { row_id: 'last', prospect_phone: '3055550100' },
      ],
      { e164: true },
    );
    const [seattle, miami] = company.phones;
    expect([status, body]).toEqual([
      200,
      {
        success: true,
        results: [
          { row_id: 'a', outboundani: `+1${seattle}`, error: null },
          { row_id: 7, outboundani: '', error: expect.stringContaining('10 to 15 digits') },
          // Its pool has one number, which the first row has.
          { row_id: 'a', outboundani: '', error: 'No available ANI found' },
          { row_id: 1.5, outboundani: '', error: expect.stringContaining('no campaign') },
          { row_id: '', outboundani: '', error: expect.stringContaining('do-not-call list') },
          { row_id: 'last', outboundani: `+1${miami}`, error: null },
        ],
      },
    ]);
  });

  test('takes a thousand rows of many campaigns, and not one more', async () => {
    const company = await companyWith([206, 206, 206, 305], 300);
    const campaigns = Array.from({ length: 50 }, (_, n) => `many-${n}`);
    await system.database.campaign.createMany({
      data: campaigns.map((campaignId) => ({ id: newId(), companyId: company.id, campaignId })),
    });
    const rows = Array.from({ length: 1_000 }, (_, row_id) => ({
      ...{ row_id, prospect_phone: '2065550100' },
      dialer_campaign: campaigns[row_id % 50],
    }));
    const { body } = await assignMany(company, rows);
    const uses = new Map<string, number>();
    for (const { outboundani } of body.results) uses.set(outboundani, (uses.get(outboundani) ?? 0) + 1);
    expect(uses.size).toBe(4);
    expect(company.phones.map((phone) => uses.get(phone))).toEqual([300, 300, 300, 100]);
    const tooMany = await assignMany(company, [...rows, rows[0]]);
    expect(tooMany).toMatchObject({ status: 400, body: { code: 'VALIDATION_FAILED' } });
  });
});

test('100 at once beside leads, at two ingresses: no number is used beyond its cap, and all are used up', async () => {
  const company = await companyWith(Array(30).fill(206), 3);
  const leads = Array.from({ length: 20 }, (_, n) => submit(system, company, n));
  const assignments = Array.from({ length: 100 }, (_, n) =>
    assign(company, { prospect_phone: leadNumber(100 + n).lead.leadPhone }, n % 2),
  );
  const answers = await Promise.all(assignments);
  await Promise.all(leads);
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
  const assigned = answers.flatMap(({ body }) => (body.success ? [body.ani as string] : []));
  const delivered = await storedLeads(system, company.campaignId);
  const { timeZone: zone } = await system.database.company.findUniqueOrThrow({ where: { id: company.id } });
  const caps = company.phones.map((phone) => ({ phone, cap: 3, zone }));
  const loadedDts = new Date().toISOString();
  const uses = [...assigned.map((callerId) => ({ callerId, loadedDts })), ...delivered];
  expect(beyondCaps(caps, uses)).toEqual([]);
  expect(delivered).toHaveLength(20);
  expect(uses.filter(({ callerId }) => callerId !== undefined)).toHaveLength(90);
});
