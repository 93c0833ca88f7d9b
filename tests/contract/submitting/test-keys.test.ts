import { newId } from '@live-feed/core/ids';
import { expect, test } from 'vitest';
import { type Answer, callIngress, leadNumber } from '../../kit/http/client.ts';
import { leadIdOf, storedLeadIds, untilAdmitted } from '../../kit/leads/lead-effects.ts';
import { addKey } from '../../kit/system/api-key.ts';
import { addCompany, type Company } from '../../kit/system/company.ts';
import type { System } from '../../kit/system/system.ts';
import { useSystem } from '../../kit/system/use-system.ts';

/** What can be asked with a key of type `test`: everything, and nothing changes. */

let system: System;
useSystem({}, (started) => {
  ({ system } = started);
});

function ask(key: string, method: string, path: string, body?: unknown): Promise<Answer> {
  return untilAdmitted(() =>
    callIngress(system.ingresses[0]?.url ?? '', path, {
      method,
      headers: {
        authorization: `Bearer ${key}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    }),
  );
}

async function companyWithTestKey(): Promise<{ readonly company: Company; readonly key: string }> {
  const company = await addCompany(system);
  return { company, key: await addKey(system, company, { type: 'test' }) };
}

test('leads are tried, alone and in a batch', async () => {
  const { company, key } = await companyWithTestKey();
  const lead = leadNumber(1, company.campaignId);
  const one = await ask(key, 'POST', '/live-feed/ringcx', lead);
  expect(one).toMatchObject({ status: 200, body: { success: true, dryRun: true, wouldSend: {} } });
  expect(one.headers.get('preference-applied')).toBeNull();
  const many = await ask(key, 'POST', '/live-feed/ringcx/batch', { leads: [lead] });
  expect(many.body).toMatchObject({ success: true, dryRun: true, results: [{ status: 200, dryRun: true }] });
  expect(await storedLeadIds(system, company)).toEqual([]);
});

test('caller IDs are shown, and not used up', async () => {
  const { company, key } = await companyWithTestKey();
  await system.database.company.update({ where: { id: company.id }, data: { aniDailyCap: 1 } });
  const prospect = { prospect_phone: '2065550199' };
  for (const _ of [1, 2, 3]) {
    const { body } = await ask(key, 'POST', '/assignment', prospect);
    expect(body).toMatchObject({ success: true, dryRun: true, ani: expect.any(String) });
    expect(body.message).toContain('dry run');
  }
  const rows = [1, 2].map((row_id) => ({ ...prospect, row_id }));
  const many = await ask(key, 'POST', '/assignment/batch', { leads: rows });
  expect(many.body).toMatchObject({
    success: true,
    dryRun: true,
    results: [{ error: null }, { error: null }],
  });
  const real = await ask(company.key, 'POST', '/assignment', prospect);
  expect(real.body).toMatchObject({ success: true, ani: many.body.results[0].outboundani });
  expect(await ask(key, 'POST', '/assignment', prospect)).toMatchObject({
    body: { success: false, dryRun: true, message: 'No available ANI found' },
  });
});

test('the do-not-call list is read, and not changed', async () => {
  const { company, key } = await companyWithTestKey();
  const [listed, other] = [{ phone: '2065550199' }, { phone: '2065550188' }];
  await ask(company.key, 'POST', '/dnc/add', listed);
  const said = async (path: string, body: unknown) => (await ask(key, 'POST', path, body)).body;
  const dry = 'Nothing was changed, because this was a dry run. Otherwise: The phone';
  expect(await said('/dnc/add', other)).toEqual({
    ...{ success: true, dryRun: true, message: `${dry} is on your do-not-call list now.` },
  });
  expect((await said('/dnc/add', listed)).message).toBe(`${dry} was on your do-not-call list already.`);
  expect((await said('/dnc/remove', listed)).message).toBe(
    `${dry} is not on your do-not-call list any more.`,
  );
  expect((await said('/dnc/remove', other)).message).toBe(`${dry} was not on your do-not-call list.`);
  expect((await said('/dnc/check', listed)).onDnc).toBe(true);
  expect((await said('/dnc/check', other)).onDnc).toBe(false);
});

test('leads are read, and neither taken back nor cancelled', async () => {
  const { company, key } = await companyWithTestKey();
  const leadId = leadIdOf(
    await ask(company.key, 'POST', '/live-feed/ringcx', leadNumber(1, company.campaignId)),
  );
  expect((await ask(key, 'GET', `/live-feed/leads/${leadId}`)).body).toMatchObject({ state: 'ACCEPTED' });
  expect((await ask(key, 'GET', '/live-feed/leads')).body.leads).toHaveLength(1);
  for (const path of [leadId, `${leadId}?inDialer=cancel`, newId()]) {
    const answer = await ask(key, 'DELETE', `/live-feed/leads/${path}`);
    expect(answer).toMatchObject({ status: 403, body: { code: 'TEST_KEY', retryable: false } });
  }
  expect((await ask(company.key, 'GET', `/live-feed/leads/${leadId}`)).body.state).toBe('ACCEPTED');
});

test('it ends as others do', async () => {
  const { company, key } = await companyWithTestKey();
  await system.database.apiKey.updateMany({
    where: { companyId: company.id, type: 'test' },
    data: { active: false },
  });
  const lead = leadNumber(1, company.campaignId);
  expect(await ask(key, 'POST', '/live-feed/ringcx', lead)).toMatchObject({
    status: 401,
    body: { code: 'API_KEY_INACTIVE' },
  });
});
