import { putPhoneCheck } from '@live-feed/database/directory/phone-checks';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { callIngress, post } from '../../kit/http/client.ts';
import { adminOf } from '../../kit/processes/admin.ts';
import { useDatabase } from '../../kit/services/database.ts';
import { useRedis } from '../../kit/services/redis.ts';
import { addCompany } from '../../kit/system/company.ts';
import { type System, startSystem } from '../../kit/system/system.ts';
import { waitFor } from '../../kit/wait-for.ts';

const server = useDatabase();
const redis = useRedis();
let system: System;
const admin = adminOf(() => system.environment);

beforeAll(async () => {
  system = await startSystem({ databaseUrl: server.url, redisUrl: redis.url });
});
afterAll(() => system?.stop());

const PHONE = '5551234567';

test('why a lead was not taken is found by its phone for a week, without anything that names a person', async () => {
  const [company, other] = [await addCompany(system), await addCompany(system)];
  const { key } = (await admin(['key', 'issue', company.id, '--label', 'Vendor A', '--json'])).data;
  const lead = (campaignId: string, leadPhone: string) => ({
    campaignId,
    lead: { leadPhone, firstName: 'Jane' },
  });
  const bodies = [
    lead('404', PHONE),
    lead(company.campaignId, '555'),
    lead(company.campaignId, '5551234560'),
  ];
  const statuses = [];
  for (const body of bodies) statuses.push((await post(system, body, { key })).status);
  expect(statuses).toEqual([404, 400, 200]);
  await post(system, lead('405', PHONE), { key: other.key });
  // Tried only.
  await post(system, lead('406', PHONE), { key, headers: { prefer: 'handling=dry-run' } });
  const batch = { leads: [lead('407', PHONE), lead(company.campaignId, '5551234561')] };
  await callIngress(system.ingresses[0]?.url ?? '', '/live-feed/ringcx/batch', {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify(batch),
  });

  const where = { companyId: company.id };
  await waitFor(async () => (await system.database.refusedRequest.count({ where })) === 3, {
    what: 'three are recorded',
  });
  const all = await admin(['lead', 'refused', '--company', company.id, '--json']);
  expect(all.data).toMatchObject([
    { status: 404, code: 'CAMPAIGN_NOT_FOUND', campaignId: '407', phone: '********67', source: 'Vendor A' },
    { status: 400, code: 'PHONE_INVALID', campaignId: company.campaignId, phone: null },
    { status: 404, code: 'CAMPAIGN_NOT_FOUND', campaignId: '404', phone: '********67' },
  ]);
  const ofPhone = await admin(['lead', 'refused', '--phone', '(555) 123-4567', '--json']);
  expect(ofPhone.data.map(({ campaignId }: { campaignId: string }) => campaignId)).toEqual([
    '407',
    '405',
    '404',
  ]);
  const rows = await system.database.refusedRequest.findMany();
  expect(JSON.stringify(rows)).not.toMatch(/5551234567|Jane/);

  const old = new Date(Date.now() - 8 * 86_400_000);
  await system.database.refusedRequest.updateMany({
    where: { ...where, campaignId: '404' },
    data: { at: old },
  });
  await waitFor(async () => (await system.database.refusedRequest.count({ where })) === 2, {
    what: 'a worker removes what is older than a week',
    timeoutMs: 60_000,
  });
});

test('so is a lead whose company’s check of phones did not answer: nothing else says so', async () => {
  const company = await addCompany(system);
  await putPhoneCheck(system.database, company.id, {
    ...{ url: 'https://127.0.0.1:1/check', headers: null, timeoutMs: 1_000, cacheMs: 0 },
    unanswered: 'refuse',
  });
  const lead = { campaignId: company.campaignId, lead: { leadPhone: PHONE } };
  const answer = await post(system, lead, { key: company.key });
  expect([answer.status, answer.body.code]).toEqual([503, 'PHONE_CHECK_UNAVAILABLE']);
  const recorded = await waitFor(
    () =>
      system.database.refusedRequest
        .findFirst({ where: { companyId: company.id } })
        .then((row) => row ?? undefined),
    { what: 'it is recorded' },
  );
  expect(recorded).toMatchObject({ status: 503, code: 'PHONE_CHECK_UNAVAILABLE', phoneLast2: '67' });
});
