import { randomUUID } from 'node:crypto';
import { digestApiKey, hintOf, issueApiKey } from '@live-feed/core/crypto/api-key';
import { parseKeyring } from '@live-feed/core/crypto/sealing';
import { readStoredPhone } from '@live-feed/core/directory/suppressed-phone';
import { newId } from '@live-feed/core/ids';
import { describe, expect, test } from 'vitest';
import { type Answer, callIngress, leadNumber, post } from '../../kit/http/client.ts';
import {
  leadIdOf,
  rowOf,
  storedLeadIds,
  submit,
  untilAdmitted,
  untilState,
} from '../../kit/leads/lead-effects.ts';
import { addCompany, type Company } from '../../kit/system/company.ts';
import type { Queues } from '../../kit/system/queues.ts';
import type { System } from '../../kit/system/system.ts';
import { useSystem } from '../../kit/system/use-system.ts';

/** A company's do-not-call list over HTTP, and what becomes of leads whose phones are on it. */

let system: System;
let queues: Queues;
useSystem({ ingresses: 2 }, (started) => {
  ({ system, queues } = started);
});

function ask(company: Pick<Company, 'key'>, path: string, body?: unknown, ingress = 0): Promise<Answer> {
  const ask = () =>
    callIngress(system.ingresses[ingress]?.url ?? '', path, {
      method: body === undefined ? 'GET' : 'POST',
      headers: {
        authorization: `Bearer ${company.key}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  return untilAdmitted(ask, 1_000);
}

const phoneOf = (n: number) => leadNumber(n).lead.leadPhone;
const add = (company: Company, n: number, ingress = 0) =>
  ask(company, '/dnc/add', { phone: phoneOf(n) }, ingress);

const SUPPRESSED = {
  status: 422,
  body: { success: false, code: 'PHONE_SUPPRESSED', retryable: false, leadId: expect.any(String) },
};

describe('the list', () => {
  test('has what was added, in whatever form, until it is removed; each request can be repeated', async () => {
    const company = await addCompany(system);
    const check = async (phone: string) => (await ask(company, '/dnc/check', { phone })).body;
    expect(await check('5550000001')).toEqual({
      success: true,
      onDnc: false,
      message: 'The phone is not on your do-not-call list.',
    });
    for (const phone of ['(555) 000-0001', '+1 555 000 0001', '5550000001']) {
      const { status, body } = await ask(company, '/dnc/add', { phone });
      expect([status, body]).toEqual([
        200,
        { success: true, message: expect.stringContaining('do-not-call list') },
      ]);
      expect(await check(phone)).toMatchObject({ onDnc: true });
    }
    for (const phone of ['1-555-000-0001', '5550000001']) {
      const { status, body } = await ask(company, '/dnc/remove', { phone });
      expect([status, body]).toEqual([
        200,
        { success: true, message: expect.stringContaining('do-not-call list') },
      ]);
      expect(await check(phone)).toMatchObject({ onDnc: false });
    }
  });

  test('keeps the reason with the phone, and neither readably', async () => {
    const company = await addCompany(system);
    await ask(company, '/dnc/add', { phone: '5550000002', reason: 'asked by mail' });
    const [row] = await system.database.suppressedPhone.findMany({ where: { companyId: company.id } });
    expect(JSON.stringify(row)).not.toMatch(/0000002|mail/);
    const keyring = parseKeyring(system.environment['SEAL_KEYS'] ?? '');
    expect(readStoredPhone(keyring, company.id, row?.entry ?? '')).toEqual({
      phone: '5550000002',
      reason: 'asked by mail',
    });
    expect(row?.source).toBe('api');
  });

  test.each([
    [{}, 'VALIDATION_FAILED', 'phone'],
    [{ phone: 5_550_000_001 }, 'VALIDATION_FAILED', 'phone'],
    [{ phone: '5550000001', reason: 'x'.repeat(201) }, 'VALIDATION_FAILED', 'reason'],
    [{ phone: '555000001' }, 'PHONE_INVALID', 'phone'],
    [{ phone: '5550000001 ext 2' }, 'PHONE_INVALID', 'phone'],
  ])('refuses %j: %s', async (body, code, path) => {
    const company = await addCompany(system);
    const answer = await ask(company, '/dnc/add', body);
    expect(answer).toMatchObject({ status: 400, body: { success: false, code, issues: [{ path }] } });
    expect(answer.body.message).toEqual(expect.any(String));
    expect(await system.database.suppressedPhone.count({ where: { companyId: company.id } })).toBe(0);
  });

  test('needs no dialer: who must not be called can be told before it is set up', async () => {
    expect(
      (await ask({ key: system.seeded.keys.noDialer }, '/dnc/add', { phone: '5550000001' })).status,
    ).toBe(200);
  });

  test('takes a hundred phones at once, each of which is on it once that is answered, and leads go on', async () => {
    const company = await addCompany(system, { maxInFlight: 16 });
    const leads = Promise.all(Array.from({ length: 20 }, (_, n) => submit(system, company, 500 + n)));
    const answers = await Promise.all(
      Array.from({ length: 100 }, async (_, n) => {
        const added = await add(company, 600 + n, n % 2);
        const checked = await ask(company, '/dnc/check', { phone: phoneOf(600 + n) }, (n + 1) % 2);
        return [added.status, checked.body.onDnc];
      }),
    );
    expect(answers).toEqual(answers.map(() => [200, true]));
    expect((await leads).map(({ status }) => status)).toEqual(Array.from({ length: 20 }, () => 200));
    expect(await system.database.suppressedPhone.count({ where: { companyId: company.id } })).toBe(100);
  });

  test('is added to by a key that is limited to campaigns, which must not shorten it', async () => {
    const company = await addCompany(system);
    const key = issueApiKey();
    await system.database.apiKey.create({
      data: {
        ...{ id: newId(), companyId: company.id, type: 'universal', settings: { campaigns: ['1'] } },
        ...{ digest: digestApiKey(key), hint: hintOf(key) },
      },
    });
    expect((await ask({ key }, '/dnc/add', { phone: '5550000003' })).status).toBe(200);
    const removal = await ask({ key }, '/dnc/remove', { phone: '5550000003' });
    expect(removal).toMatchObject({
      status: 403,
      body: { code: 'DNC_REMOVAL_NOT_ALLOWED', retryable: false },
    });
    expect((await ask({ key }, '/dnc/check', { phone: '5550000003' })).body.onDnc).toBe(true);
    expect((await ask(company, '/dnc/remove', { phone: '5550000003' })).status).toBe(200);
  });
});

describe('a lead whose phone is on the list', () => {
  test('gets 422, is not sent, and its row is the evidence; once it is removed, a new one is sent', async () => {
    const company = await addCompany(system);
    await add(company, 10, 1);
    const refused = await submit(system, company, 10);
    expect(refused).toMatchObject(SUPPRESSED);
    const { leadId, statusUrl } = refused.body;
    expect(leadIdOf(refused)).toBe(leadId);
    const status = await ask(company, statusUrl);
    expect(status.body).toMatchObject({
      leadId,
      state: 'ABANDONED',
      outcome: 'PHONE_SUPPRESSED',
      callerId: null,
    });
    expect(await storedLeadIds(system, company)).toEqual([]);
    await ask(company, '/dnc/remove', { phone: phoneOf(10) });
    const sent = await submit(system, company, 10);
    expect([sent.status, await storedLeadIds(system, company)]).toEqual([200, [leadIdOf(sent)]]);
  });

  test('of a batch fails alone', async () => {
    const company = await addCompany(system);
    await add(company, 21);
    const leads = [20, 21, 22].map((n) => leadNumber(n, company.campaignId));
    const { status, body } = await ask(company, '/live-feed/ringcx/batch', { leads });
    expect([status, body.success]).toEqual([200, false]);
    expect(body.results).toMatchObject([
      { status: 200 },
      { status: 422, code: 'PHONE_SUPPRESSED', leadId: expect.any(String) },
      { status: 200 },
    ]);
    expect(await storedLeadIds(system, company)).toHaveLength(2);
  });

  test('gets the same answer again under its Idempotency-Key, and no second row', async () => {
    const company = await addCompany(system);
    await add(company, 30);
    const headers = { 'idempotency-key': randomUUID() };
    const first = await submit(system, company, 30, headers);
    expect(first).toMatchObject(SUPPRESSED);
    const second = await submit(system, company, 30, headers);
    expect(second).toMatchObject({ status: 422, body: { ...first.body, requestId: expect.any(String) } });
    expect(second.headers.get('idempotent-replayed')).toBe('true');
    expect(await system.database.lead.count({ where: { companyId: company.id } })).toBe(1);
  });

  test('ends unsent where it waited, for all who wait for it, when the phone was added meanwhile', async () => {
    const company = await addCompany(system);
    const queue = await queues.of(company);
    await queue.pause();
    const promised = await submit(system, company, 40, { prefer: 'respond-async' });
    expect(promised.status).toBe(202);
    // Equal to it: they join it, and wait.
    const waiting = Promise.all([0, 1].map(() => submit(system, company, 40, { prefer: 'wait=15' })));
    expect((await add(company, 40)).status).toBe(200);
    await queue.resume();
    await untilState(system, promised.body.leadId, 'ABANDONED');
    for (const answer of await waiting) expect(answer).toMatchObject(SUPPRESSED);
    expect(await rowOf(system, promised.body.leadId)).toMatchObject({
      reason: 'PHONE_SUPPRESSED',
      attempt: 0,
    });
    expect(await storedLeadIds(system, company)).toEqual([]);
  });

  test('of another company is sent', async () => {
    const [company, other] = [await addCompany(system), await addCompany(system)];
    await add(company, 50);
    expect((await submit(system, other, 50)).status).toBe(200);
    expect((await post(system, leadNumber(50, company.campaignId), { key: company.key })).status).toBe(422);
  });
});
