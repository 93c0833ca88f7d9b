import { describe, expect, test } from 'vitest';
import { callIngress, leadNumber, misbehave, post, simulator } from '../../kit/http/client.ts';
import { untilAdmitted } from '../../kit/leads/lead-effects.ts';
import { addCompany, type Company } from '../../kit/system/company.ts';
import type { System } from '../../kit/system/system.ts';
import { useSystem } from '../../kit/system/use-system.ts';

/** A campaign that has appeared on the dialing system a moment ago takes leads at once, where workers read its campaigns. */

let system: System;
const environment = { WORKER_UPLOAD_TIMEOUT_MS: '10000' };
const services = useSystem({ ingresses: 2, workers: 2, environment }, (started) => {
  ({ system } = started);
});

async function newCompany({ reads }: { readonly reads: boolean }): Promise<Company> {
  const company = await addCompany(system);
  const { dialerId, campaignId } = company;
  const dueAt = new Date(Date.now() + 86_400_000);
  if (reads) await system.database.campaignSync.create({ data: { dialerId, everyMs: 86_400_000, dueAt } });
  await have(company, campaignId);
  return company;
}

async function have({ campaignId: accountId }: Company, ...ids: string[]): Promise<void> {
  const campaigns = ids.map((campaignId) => ({ campaignId, name: `Campaign ${campaignId}` }));
  await simulator(system, '/campaigns', { method: 'PUT', body: JSON.stringify({ accountId, campaigns }) });
}

function submitTo({ key }: Company, campaignId: string, n = 1, ingress = 0) {
  return untilAdmitted(() => post(system, leadNumber(n, campaignId), { key, ingress }));
}

function submitBatch({ key }: Company, leads: readonly object[]) {
  return callIngress(system.ingresses[0]?.url ?? '', '/live-feed/ringcx/batch', {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify({ leads }),
  });
}

const lists = async () => (await simulator(system, '/stats')).requests.campaigns as number;

describe('a campaign that is not known', () => {
  test('is looked up on the dialing system, and its first lead is delivered', async () => {
    const company = await newCompany({ reads: true });
    await have(company, company.campaignId, '4711');
    expect((await submitTo(company, '4711')).status).toBe(200);
    expect(
      await system.database.campaign.findFirst({ where: { companyId: company.id, campaignId: '4711' } }),
    ).toMatchObject({ name: 'Campaign 4711', byHand: false });
  });

  test('all that name it at once, at any ingress, wait for one look-up', async () => {
    const company = await newCompany({ reads: true });
    await have(company, company.campaignId, '4712');
    const before = await lists();
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, n) => submitTo(company, '4712', n, n % 2)),
    );
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
    // One list: a page, and an empty one.
    expect((await lists()) - before).toBe(2);
  });

  test('that is not there either is a 404 which says when it can be looked up again, once a minute', async () => {
    const company = await newCompany({ reads: true });
    const before = await lists();
    for (let n = 0; n < 5; n += 1) {
      const answer = await submitTo(company, `99${n}`, n, n % 2);
      expect(answer).toMatchObject({
        status: 404,
        body: { code: 'CAMPAIGN_NOT_FOUND', retryable: false, retryAfterSeconds: expect.any(Number) },
      });
      expect(answer.body.retryAfterSeconds).toBeGreaterThan(0);
      expect(answer.body.retryAfterSeconds).toBeLessThanOrEqual(60);
      expect(answer.headers.get('retry-after')).toBeNull();
    }
    expect((await lists()) - before).toBe(2);
  });

  test('of a batch: all of its leads wait for the answer, and are delivered', async () => {
    const company = await newCompany({ reads: true });
    await have(company, company.campaignId, '4717');
    const leads = Array.from({ length: 300 }, (_, n) => leadNumber(n, '4717'));
    const { body } = await submitBatch(company, leads);
    expect(new Set(body.results.map(({ status }: { status: number }) => status))).toEqual(new Set([200]));
  });

  test('of a batch: every lead says truly when the dialing system is asked again', async () => {
    const company = await newCompany({ reads: true });
    const leads = Array.from({ length: 300 }, (_, n) => leadNumber(n, String(6_000 + n)));
    const { body } = await submitBatch(company, leads);
    // What a busy machine refuses is no answer to this.
    const told = body.results.filter(({ status }: { status: number }) => status === 404);
    expect(told.length).toBeGreaterThan(0);
    for (const { retryAfterSeconds } of told) expect(retryAfterSeconds).toBeGreaterThan(30);
  });

  test('is a 404 at once, once the dialing system has answered, at any ingress', async () => {
    const company = await newCompany({ reads: true });
    expect((await submitTo(company, '4718')).status).toBe(404);
    // An ingress that polled until the five seconds are over would answer after this one does.
    await misbehave(system, {
      rules: [
        { on: 'upload', match: { accountId: company.campaignId }, fault: { kind: 'delay', ms: 3_000 } },
      ],
    });
    const order: string[] = [];
    await Promise.all([
      submitTo(company, company.campaignId, 2).then(() => order.push('delivered')),
      submitTo(company, '4719', 3, 0).then(() => order.push('404')),
      submitTo(company, '4720', 4, 1).then(() => order.push('404')),
    ]);
    await misbehave(system, {});
    expect(order.at(-1)).toBe('delivered');
  });

  test('is a plain 404 where workers do not read campaigns', async () => {
    const company = await newCompany({ reads: false });
    await have(company, company.campaignId, '4713');
    const before = await lists();
    const answer = await submitTo(company, '4713');
    expect(answer).toMatchObject({ status: 404, body: { code: 'CAMPAIGN_NOT_FOUND' } });
    expect(answer.body).not.toHaveProperty('retryAfterSeconds');
    expect(await lists()).toBe(before);
  });

  test('whose look-up fails is a 404, and delays no lead of a known one', async () => {
    const company = await newCompany({ reads: true });
    await misbehave(system, {
      rules: [{ on: 'campaigns', match: { accountId: company.campaignId }, fault: { kind: 'hang' } }],
    });
    const unknown = submitTo(company, '4714');
    expect((await submitTo(company, company.campaignId, 2)).status).toBe(200);
    expect(await unknown).toMatchObject({ status: 404, body: { retryAfterSeconds: expect.any(Number) } });
    await misbehave(system, {});
  });

  test('of another company is never found by this one', async () => {
    const [own, other] = [await newCompany({ reads: true }), await newCompany({ reads: true })];
    await have(other, other.campaignId, '4715');
    expect((await submitTo(other, '4715')).status).toBe(200);
    expect((await submitTo(own, '4715')).status).toBe(404);
  });
});

test('while Redis is away a campaign that is not known is a 404, as before', async () => {
  const company = await newCompany({ reads: true });
  await services.redis.server.stop();
  const answer = await post(system, leadNumber(1, '4716'), { key: company.key });
  expect([404, 503]).toContain(answer.status);
});
