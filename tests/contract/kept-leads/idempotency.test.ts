import { createHash, randomUUID } from 'node:crypto';
import { createKeyedDigests } from '@live-feed/core/crypto/keyed-digests';
import { describe, expect, test } from 'vitest';
import { type Answer, callIngress, leadNumber, misbehave, post } from '../../kit/http/client.ts';
import { leadIdOf, storedLeadIds, untilState } from '../../kit/leads/lead-effects.ts';
import { addCompany, type Company } from '../../kit/system/company.ts';
import { addCompanyWithoutPermits, givePermits } from '../../kit/system/company-without-permits.ts';
import type { Queues } from '../../kit/system/queues.ts';
import type { System } from '../../kit/system/system.ts';
import { useSystem } from '../../kit/system/use-system.ts';
import { waitFor } from '../../kit/wait-for.ts';

/** The API's contract, section 8: one Idempotency-Key means one lead, and every repetition gets the same response. */

let system: System;
let queues: Queues;

const { redis } = useSystem({ ingresses: 2, environment: { INGRESS_DEADLINE_MS: '3000' } }, (started) => {
  ({ system, queues } = started);
});

interface Sent {
  readonly body?: unknown;
  readonly ingress?: number;
  readonly headers?: Record<string, string>;
}

/** A lead of that company under that key. */
function submit(company: Company, idempotencyKey: string, sent: Sent = {}): Promise<Answer> {
  return post(system, sent.body ?? leadNumber(1, company.campaignId), {
    key: company.key,
    ingress: sent.ingress ?? 0,
    headers: { 'idempotency-key': idempotencyKey, ...sent.headers },
  });
}

const isReplayed = ({ headers }: Answer) => headers.get('idempotent-replayed') === 'true';

function expectSameAnswer(answer: Answer, as: Answer): void {
  expect([answer.status, answer.body, leadIdOf(answer)]).toEqual([as.status, as.body, leadIdOf(as)]);
}

const waitingCompany = () => addCompanyWithoutPermits(system, queues);

describe('the final answer is given again', () => {
  test('a 200, by any ingress, however the key and the request are written', async () => {
    const company = await addCompany(system);
    const key = randomUUID();
    const first = await submit(company, key);
    expect(first.status).toBe(200);
    expect(isReplayed(first)).toBe(false);
    const { campaignId, lead } = leadNumber(1, company.campaignId);
    const otherwise = { campaignId, lead: { ...lead, leadPhone: '+1 (555) 000-0001', email: '' }, more: 1 };
    for (const again of [
      await submit(company, key),
      await submit(company, `"${key}"`, { ingress: 1 }),
      await submit(company, key, { body: otherwise }),
    ]) {
      expectSameAnswer(again, first);
      expect(isReplayed(again)).toBe(true);
    }
    expect(await storedLeadIds(system, company)).toEqual([leadIdOf(first)]);
  });

  test('a 502', async () => {
    const company = await addCompany(system);
    const { campaignId } = company;
    const fault = { kind: 'reject', message: 'No' };
    await misbehave(system, { rules: [{ on: 'upload', match: { campaignId }, times: 1, fault }] });
    const headers = { 'x-request-id': 'mine' };
    const first = await submit(company, 'a', { headers });
    expect(first).toMatchObject({ status: 502, body: { code: 'DIALER_REJECTED' } });
    const again = await submit(company, 'a', { headers });
    expectSameAnswer(again, first);
    expect(isReplayed(again)).toBe(true);
    expect(await storedLeadIds(system, company)).toEqual([]);
    expect((await submit(company, 'b')).status).toBe(200);
  });

  test('a 202, even when the outcome is known', async () => {
    const company = await waitingCompany();
    const atOnce = await submit(company, 'at once', { headers: { prefer: 'respond-async' } });
    const later = await submit(company, 'later', {
      body: leadNumber(2, company.campaignId),
      headers: { prefer: 'wait=1' },
    });
    expect([atOnce, later].map((answer) => [answer.status, isReplayed(answer)])).toEqual([
      [202, false],
      [202, false],
    ]);
    await givePermits(system, queues, company);
    for (const answer of [atOnce, later]) await untilState(system, leadIdOf(answer), 'ACCEPTED');
    const again = await submit(company, 'at once');
    expectSameAnswer(again, atOnce);
    expect(again.headers.get('location')).toBe(atOnce.headers.get('location'));
    expectSameAnswer(await submit(company, 'later', { body: leadNumber(2, company.campaignId) }), later);
  });
});

describe('a repetition of what is under way waits for the same answer', () => {
  test('twenty at once, through two ingresses: one lead, twenty equal answers', async () => {
    const company = await addCompany(system);
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, n) => submit(company, 'k', { ingress: n % 2 })),
    );
    const [first] = answers;
    if (first === undefined) throw new Error('There are twenty.');
    expect(first.status).toBe(200);
    for (const answer of answers) expectSameAnswer(answer, first);
    expect(await storedLeadIds(system, company)).toEqual([leadIdOf(first)]);
  });

  test('504 is no answer: a repetition gets the 200', async () => {
    const company = await waitingCompany();
    const first = await submit(company, 'k');
    expect(first.status).toBe(504);
    // Time for the repetition to be there before the outcome is.
    const { campaignId } = company;
    await misbehave(system, {
      rules: [{ on: 'upload', match: { campaignId }, fault: { kind: 'delay', ms: 700 } }],
    });
    const again = submit(company, 'k', { ingress: 1 });
    await givePermits(system, queues, company);
    const answer = await again;
    expect([answer.status, leadIdOf(answer), isReplayed(answer)]).toEqual([200, leadIdOf(first), false]);
    expect(await storedLeadIds(system, company)).toEqual([leadIdOf(first)]);
  });
});

describe('a key is its request’s and its company’s', () => {
  test('another request under it: 422, and nothing is taken', async () => {
    const company = await addCompany(system);
    const first = await submit(company, 'k');
    const answer = await submit(company, 'k', { body: leadNumber(2, company.campaignId) });
    expect(answer).toMatchObject({
      status: 422,
      body: { success: false, code: 'IDEMPOTENCY_KEY_REUSED', retryable: false },
    });
    expect(answer.headers.has('x-lead-id')).toBe(false);
    expect(await storedLeadIds(system, company)).toEqual([leadIdOf(first)]);
  });

  test('another company’s is another', async () => {
    const companies = [await addCompany(system), await addCompany(system)];
    for (const company of companies) {
      const answer = await submit(company, 'shared');
      expect([answer.status, isReplayed(answer)]).toEqual([200, false]);
      expect(await storedLeadIds(system, company)).toEqual([leadIdOf(answer)]);
    }
  });

  test('equal requests under different keys, and under none, are leads of their own', async () => {
    const company = await waitingCompany();
    const queue = await queues.of(company);
    const lead = leadNumber(1, company.campaignId);
    const answers = [submit(company, 'a'), submit(company, 'b'), post(system, lead, { key: company.key })];
    await waitFor(async () => (await queue.getWaitingCount()) === 3);
    await givePermits(system, queues, company);
    const ids = (await Promise.all(answers)).map(leadIdOf);
    expect(new Set(ids).size).toBe(3);
    expect((await storedLeadIds(system, company)).toSorted()).toEqual(ids.toSorted());
  });

  test.each(['', '""', 'x'.repeat(256)])('one that cannot be one is 400: %j', async (idempotencyKey) => {
    const company = await addCompany(system);
    const answer = await submit(company, idempotencyKey);
    expect(answer).toMatchObject({
      status: 400,
      body: { code: 'VALIDATION_FAILED', issues: [{ path: 'Idempotency-Key' }] },
    });
  });
});

describe('a key is free', () => {
  test('after a request that took nothing', async () => {
    const company = await addCompany(system);
    for (const body of [
      {},
      leadNumber(1, 'none'),
      { campaignId: company.campaignId, lead: { leadPhone: '1' } },
    ]) {
      expect((await submit(company, 'k', { body })).status).toBeGreaterThanOrEqual(400);
    }
    expect((await submit(company, 'k')).status).toBe(200);
  });

  test('after its lead was taken back', async () => {
    const company = await waitingCompany();
    const first = await submit(company, 'k', { headers: { prefer: 'respond-async' } });
    const url = system.ingresses[0]?.url ?? '';
    const taken = await callIngress(url, `/live-feed/leads/${leadIdOf(first)}`, {
      method: 'DELETE',
      headers: { authorization: `Bearer ${company.key}` },
    });
    expect(taken.status).toBe(200);
    await givePermits(system, queues, company);
    const second = await submit(company, 'k', { body: leadNumber(2, company.campaignId) });
    expect([second.status, isReplayed(second)]).toEqual([200, false]);
    expect(await storedLeadIds(system, company)).toEqual([leadIdOf(second)]);
  });

  test('after no caller ID was left for its lead, and the company sends none without', async () => {
    const company = await addCompany(system);
    const { id } = company;
    const pauseAll = (status: 'PAUSED' | 'ACTIVE') =>
      system.database.ani.updateMany({ where: { companyId: id }, data: { status } });
    await system.database.company.update({ where: { id }, data: { whenNoAni: 'reject' } });
    await pauseAll('PAUSED');
    const key = randomUUID();
    const refused = await submit(company, key);
    expect(refused).toMatchObject({ status: 400, body: { code: 'NO_ANI_AVAILABLE', retryable: true } });
    await untilState(system, leadIdOf(refused), 'ABANDONED');
    await pauseAll('ACTIVE');
    const taken = await submit(company, key);
    expect([taken.status, isReplayed(taken)]).toEqual([200, false]);
    expect(await storedLeadIds(system, company)).toEqual([leadIdOf(taken)]);
  });

  test('after 24 hours, and is then removed', async () => {
    const company = await addCompany(system);
    const { idempotencyKey } = system.database;
    const first = await submit(company, 'k');
    const age = (hours: number) =>
      idempotencyKey.updateMany({
        where: { companyId: company.id },
        data: { createdAt: new Date(Date.now() - hours * 3_600_000) },
      });
    await age(23);
    expect(isReplayed(await submit(company, 'k'))).toBe(true);
    await age(25);
    const second = await submit(company, 'k');
    expect([second.status, isReplayed(second)]).toEqual([200, false]);
    expect(leadIdOf(second)).not.toBe(leadIdOf(first));
    await age(25);
    await waitFor(async () => (await idempotencyKey.count({ where: { companyId: company.id } })) === 0);
  });
});

describe('a key that a former release took', () => {
  /** As that release kept it: the SHA-256 of the key, and of the request. */
  async function takenByFormerRelease(company: Company, key: string, sent: Sent = {}): Promise<Answer> {
    const first = await submit(company, key, sent);
    const phone = createKeyedDigests(system.environment['PHONE_DIGEST_SECRET'] ?? '').phone;
    const { lead } = leadNumber(1, company.campaignId);
    const { leadPhone, ...fields } = lead;
    const parts = [company.id, company.campaignId, phone(company.id, leadPhone), fields, {}];
    await system.database.idempotencyKey.updateMany({
      where: { companyId: company.id },
      data: { keyDigest: sha256(key), requestDigest: sha256(JSON.stringify(parts)) },
    });
    return first;
  }
  const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

  test('stands for its lead: the same answer, and no second lead', async () => {
    const company = await addCompany(system);
    const first = await takenByFormerRelease(company, 'k');
    expect(first.status).toBe(200);
    for (const ingress of [0, 1]) {
      const again = await submit(company, 'k', { ingress });
      expectSameAnswer(again, first);
      expect(isReplayed(again)).toBe(true);
    }
    const other = await submit(company, 'k', { body: leadNumber(2, company.campaignId) });
    expect(other.body.code).toBe('IDEMPOTENCY_KEY_REUSED');
    expect(await storedLeadIds(system, company)).toEqual([leadIdOf(first)]);
  });

  test('whose lead is under way: 202 as well, and told so from then on', async () => {
    const company = await waitingCompany();
    const first = await takenByFormerRelease(company, 'k', { headers: { prefer: 'respond-async' } });
    await system.database.idempotencyKey.updateMany({
      where: { companyId: company.id },
      data: { acknowledged: false },
    });
    const again = await submit(company, 'k', { headers: { prefer: 'wait=1' } });
    expect([again.status, leadIdOf(again)]).toEqual([202, leadIdOf(first)]);
    expect(isReplayed(await submit(company, 'k'))).toBe(true);
  });

  test('is free again after its lead was given back, and after 24 hours', async () => {
    const company = await addCompany(system);
    const first = await takenByFormerRelease(company, 'k');
    await system.database.lead.update({ where: { id: leadIdOf(first) }, data: { state: 'ABANDONED' } });
    const second = await submit(company, 'k');
    expect([second.status, isReplayed(second)]).toEqual([200, false]);
    expectSameAnswer(await submit(company, 'k'), second);

    const another = await addCompany(system);
    await takenByFormerRelease(another, 'k');
    await system.database.idempotencyKey.updateMany({
      where: { companyId: another.id },
      data: { createdAt: new Date(Date.now() - 25 * 3_600_000) },
    });
    expect(isReplayed(await submit(another, 'k'))).toBe(false);
  });
});

// The last one: what the others need is stopped.
test('the answer outlives a restart of everything', async () => {
  const company = await addCompany(system);
  const first = await submit(company, 'k');
  expect(first.status).toBe(200);
  for (const part of [...system.ingresses, ...system.workers]) await part.stop();
  await redis.server.restart();
  const restarted = { ...system, ingresses: [await system.addIngress()] };
  const again = await post(restarted, leadNumber(1, company.campaignId), {
    key: company.key,
    headers: { 'idempotency-key': 'k' },
  });
  expectSameAnswer(again, first);
  expect(isReplayed(again)).toBe(true);
  expect(await storedLeadIds(system, company)).toEqual([leadIdOf(first)]);
});
