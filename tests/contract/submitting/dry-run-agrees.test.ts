import { newId } from '@live-feed/core/ids';
import { setDuplicates } from '@live-feed/database/directory/companies';
import fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import { type Answer, callIngress, leadNumber, post } from '../../kit/http/client.ts';
import { leadIdOf, rowOf, untilAdmitted } from '../../kit/leads/lead-effects.ts';
import { changesBetween, storedState } from '../../kit/services/stored-state.ts';
import { addKey } from '../../kit/system/api-key.ts';
import { addCompany, type Company } from '../../kit/system/company.ts';
import type { System } from '../../kit/system/system.ts';
import { type UsedServices, useSystem } from '../../kit/system/use-system.ts';
import { waitFor } from '../../kit/wait-for.ts';

/** A dry run says what the lead is told next, and leaves no trace of itself. */

let system: System;
const services: UsedServices = useSystem({ ingresses: 2 }, (started) => {
  ({ system } = started);
});

/** Few numbers with small caps, and all over the country, so that each tier and none at all comes up. */
const ANIS = ['3055559901', '3055559902', '2125559901', '4155559901', '8005559901'];
const PHONES = [
  '3055550101',
  '3055550102',
  '2125550101',
  '7185550101',
  '9165550101',
  '8005550101',
  '3055555101',
];
const SUPPRESSED = ['2125550199'];

/** Other numbers are those of the demo's companies. */
let nextBlock = 50;

async function companyWith(action: 'refuse' | 'answer' | null, whenNoAni: 'reject' | 'campaign_default') {
  const company = await addCompany(system);
  const { id } = company;
  await system.database.company.update({ where: { id }, data: { whenNoAni, aniDailyCap: 4 } });
  await system.database.ani.deleteMany({ where: { companyId: id } });
  // Of all companies each number is one's.
  const block = String(nextBlock++);
  await system.database.ani.createMany({
    data: ANIS.map((phone) => ({
      id: newId(),
      companyId: id,
      phone: `${phone.slice(0, 6)}${block}${phone.slice(8)}`,
    })),
  });
  const rule = { windowMs: 3_600_000, scope: 'company' } as const;
  await setDuplicates(system.database, id, action === null ? null : { ...rule, action });
  for (const phone of SUPPRESSED) await ask(company, '/dnc/add', { phone });
  return company;
}

function ask(
  { key }: Pick<Company, 'key'>,
  path: string,
  body: unknown,
  headers: Record<string, string> = {},
): Promise<Answer> {
  return untilAdmitted(() =>
    callIngress(system.ingresses[0]?.url ?? '', path, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    }),
  );
}

interface Lead {
  readonly phone: string;
  readonly campaign: 'own' | 'unknown';
  readonly zip: string | number | undefined;
  readonly state: string | undefined;
  readonly name: string;
}

const leads: fc.Arbitrary<Lead> = fc.record({
  phone: fc.oneof(
    { arbitrary: fc.constantFrom(...PHONES), weight: 10 },
    { arbitrary: fc.constantFrom(...SUPPRESSED, '123'), weight: 2 },
  ),
  campaign: fc.oneof(
    { arbitrary: fc.constant('own' as const), weight: 15 },
    { arbitrary: fc.constant('unknown' as const), weight: 1 },
  ),
  zip: fc.constantFrom(undefined, '33101', '10001', '94103', 33_101),
  state: fc.constantFrom(undefined, 'FL', 'NY', 'California'),
  name: fc.constantFrom('Jane', 'John'),
});

const bodyOf = ({ campaignId }: Company, { phone, campaign, zip, state, name }: Lead) => ({
  campaignId: campaign === 'own' ? campaignId : 'unknown',
  lead: { leadPhone: phone, zip, state, firstName: name },
});

test.each([
  [null, 'campaign_default'],
  [null, 'reject'],
  ['refuse', 'campaign_default'],
  ['answer', 'reject'],
] as const)('duplicates: %s, no number left: %s', async (action, whenNoAni) => {
  const company = await companyWith(action, whenNoAni);
  const seen = new Set<string>();
  await fc.assert(
    fc.asyncProperty(leads, async (lead) => {
      const body = bodyOf(company, lead);
      const tried = await ask(company, '/live-feed/ringcx?dryRun=true', body);
      const real = await ask(company, '/live-feed/ringcx', body);
      expect([tried.status, tried.body.code, tried.body.duplicateOf]).toEqual([
        real.status,
        real.body.code,
        real.body.duplicateOf,
      ]);
      expect([tried.body.dryRun, real.body.dryRun]).toEqual([true, undefined]);
      seen.add(tried.body.code ?? tried.body.wouldSend?.callerIdTier ?? 'no number');
      if (real.status !== 200 || real.headers.get('duplicate-of') !== null) return;
      const row = await rowOf(system, leadIdOf(real));
      const { callerId, callerIdTier, callerIdDistanceKm } = tried.body.wouldSend;
      expect([callerId, callerIdTier, callerIdDistanceKm]).toEqual([
        row?.callerId,
        row?.aniTier,
        row?.aniDistanceKm,
      ]);
    }),
    { numRuns: 40, interruptAfterTimeLimit: 120_000, markInterruptAsFailure: false },
  );
  expect(seen.size).toBeGreaterThan(2);
});

let company: Company;
let testKey: string;
let limited: string;
beforeAll(async () => {
  company = await companyWith('refuse', 'reject');
  testKey = await addKey(system, company, { type: 'test' });
  limited = await addKey(system, company, { settings: { daily: 5, campaigns: ['1'] } });
  // What is looked up for the first time may be prepared.
  const { campaignId } = company;
  expect((await ask(company, '/live-feed/ringcx', leadNumber(1, campaignId))).status).toBe(200);
});

test('nothing is written, whatever is tried, with whichever key', async () => {
  const { campaignId, key } = company;
  const state = () => storedState(services.database.url, services.redis.url);
  const all = [
    leadNumber(1, campaignId),
    leadNumber(2, campaignId),
    leadNumber(3, 'unknown'),
    { campaignId, lead: { leadPhone: SUPPRESSED[0] } },
    { campaignId, lead: { leadPhone: 'none' } },
  ];
  const row = await system.database.lead.findFirstOrThrow({ where: { companyId: company.id } });
  // Workers count what became of the leads before.
  await waitFor(async () => (await system.database.leadChange.count()) === 0);
  const before = await state();
  for (const { query, as } of [
    { query: '?dryRun=true', as: key },
    { query: '', as: testKey },
    { query: '?dryRun=false', as: testKey },
    { query: '?dryRun=true', as: limited },
  ]) {
    const answers: Answer[] = [];
    const tryOut = async (path: string, body: unknown, headers: Record<string, string> = {}) =>
      answers.push(await ask({ key: as }, `${path}${query}`, body, headers));
    for (const lead of all) {
      for (const prefer of ['wait=1', 'respond-async', 'handling=dry-run']) {
        await tryOut('/live-feed/ringcx', lead, { prefer, 'idempotency-key': 'order-1' });
      }
    }
    await tryOut('/live-feed/ringcx/batch', { leads: all }, { 'idempotency-key': 'batch-1' });
    await tryOut('/assignment', { prospect_phone: '3055550199' });
    await tryOut('/assignment/batch', { leads: [{ row_id: 1, prospect_phone: '3055550199' }] });
    await tryOut('/dnc/add', { phone: '3055550188', reason: 'asked' });
    await tryOut('/dnc/remove', { phone: SUPPRESSED[0] });
    for (const { status, body } of answers) expect([status, body.dryRun]).toEqual([status, true]);
    expect(new Set(answers.map(({ status }) => status)).size).toBeGreaterThan(1);
  }
  for (const query of ['', '?inDialer=cancel']) {
    const answer = await callIngress(system.ingresses[0]?.url ?? '', `/live-feed/leads/${row.id}${query}`, {
      method: 'DELETE',
      headers: { authorization: `Bearer ${testKey}` },
    });
    expect(answer).toMatchObject({ status: 403, body: { code: 'TEST_KEY', dryRun: true } });
  }
  expect(changesBetween(before, await state())).toEqual([]);
  // That it would be seen.
  expect((await post(system, leadNumber(9, campaignId), { key })).status).toBe(200);
  expect(changesBetween(before, await state())).toEqual(
    expect.arrayContaining(['table leads', 'table anis']),
  );
});
