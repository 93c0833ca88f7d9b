import { digestApiKey, hintOf, issueApiKey } from '@live-feed/core/crypto/api-key';
import type { KeySettings } from '@live-feed/core/directory/key-settings';
import { newId } from '@live-feed/core/ids';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Answer, callIngress, leadNumber, misbehave, post, simulator } from '../../kit/http/client.ts';
import { leadIdOf, rowOf, storedLeadIds } from '../../kit/leads/lead-effects.ts';
import { useDatabase } from '../../kit/services/database.ts';
import { useRedis } from '../../kit/services/redis.ts';
import { addCompany, type Company } from '../../kit/system/company.ts';
import { type System, startSystem } from '../../kit/system/system.ts';
import { waitFor } from '../../kit/wait-for.ts';

/** What a company allows the holder of one of its keys. */

const database = useDatabase();
const redis = useRedis();
let system: System;
let company: Company;

beforeAll(async () => {
  system = await startSystem({ databaseUrl: database.url, redisUrl: redis.url, ingresses: 2 });
  company = await addCompany(system);
});
afterAll(() => system?.stop());

async function addKey(settings: KeySettings): Promise<string> {
  const key = issueApiKey();
  await system.database.apiKey.create({
    data: {
      ...{ id: newId(), companyId: company.id, type: 'universal', settings },
      ...{ digest: digestApiKey(key), hint: hintOf(key) },
    },
  });
  return key;
}

let nextLead = 1;
const send = (key: string, ingress = 0): Promise<Answer> =>
  post(system, leadNumber(nextLead++, company.campaignId), { key, ingress });

const REACHED = { status: 429, body: { success: false, code: 'KEY_LIMIT_REACHED', retryable: true } };

test('a rate holds over all ingresses, however many leads come at once, and names when to come back', async () => {
  const key = await addKey({ rate: { requests: 20, perMs: 3_600_000 } });
  const before = (await storedLeadIds(system, company)).length;
  const answers = await Promise.all(Array.from({ length: 60 }, (_, n) => send(key, n % 2)));
  const taken = answers.filter(({ status }) => status === 200);
  expect(taken.length).toBeGreaterThan(0);
  expect(taken.length).toBeLessThanOrEqual(20);
  const refused = answers.filter(({ status }) => status !== 200);
  for (const answer of refused) {
    expect(answer).toMatchObject(REACHED);
    expect(answer.body.retryAfterSeconds).toBeGreaterThan(0);
    expect(answer.body.retryAfterSeconds).toBeLessThanOrEqual(3_600);
  }
  expect(await storedLeadIds(system, company)).toHaveLength(before + taken.length);
  // The company's other keys have limits of their own.
  expect((await send(company.key)).status).toBe(200);
});

test('so many leads a day are taken, not one more, and a lead that is refused anyway does not count', async () => {
  const key = await addKey({ daily: 5 });
  for (const wrong of [{}, leadNumber(1, 'unknown')]) {
    expect((await post(system, wrong, { key })).status).toBeGreaterThanOrEqual(400);
  }
  const answers = await Promise.all(Array.from({ length: 12 }, (_, n) => send(key, n % 2)));
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(5);
  const refused = answers.find(({ status }) => status === 429);
  expect(refused).toMatchObject(REACHED);
  expect(refused?.body.message).toContain('today');
  expect(refused?.headers.get('retry-after')).toBe('30');
  expect(refused?.body.retryAfterSeconds).toBeLessThanOrEqual(86_400);
});

test('a request that becomes no new lead is answered beyond the limit, too, and does not count', async () => {
  const key = await addKey({ daily: 3 });
  const headers = { 'idempotency-key': 'once' };
  const lead = leadNumber(nextLead++, company.campaignId);
  const first = await post(system, lead, { key, headers });
  expect(first.status).toBe(200);
  const repeat = async () => {
    const again = await post(system, lead, { key, headers });
    expect([again.status, leadIdOf(again), again.body]).toEqual([200, leadIdOf(first), first.body]);
  };
  await repeat();
  await repeat();

  await misbehave(system, { rules: [{ on: 'upload', fault: { kind: 'delay', ms: 2_000 } }] });
  const waiting = leadNumber(nextLead++, company.campaignId);
  const uploads = async () => (await simulator(system, '/stats')).requests.upload as number;
  const before = await uploads();
  const joined = [post(system, waiting, { key })];
  await waitFor(async () => (await uploads()) > before);
  joined.push(...Array.from({ length: 4 }, () => post(system, waiting, { key })));
  const answers = await Promise.all(joined);
  await misbehave(system, {});
  expect(new Set(answers.map(leadIdOf)).size).toBe(1);
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);

  expect((await send(key)).status).toBe(200);
  expect(await send(key)).toMatchObject(REACHED);
  await repeat();
});

test('each lead of a batch counts', async () => {
  const key = await addKey({ daily: 2 });
  const leads = Array.from({ length: 4 }, () => leadNumber(nextLead++, company.campaignId));
  const { body } = await callIngress(system.ingresses[0]?.url ?? '', '/live-feed/ringcx/batch', {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify({ leads }),
  });
  const statuses = body.results.map(({ status }: { status: number }) => status);
  expect(statuses.sort()).toEqual([200, 200, 429, 429]);
});

describe('campaigns', () => {
  test('a key loads its own only, whether or not others exist', async () => {
    const key = await addKey({ campaigns: ['1', '2'] });
    for (const campaignId of [company.campaignId, 'unknown']) {
      const answer = await post(system, leadNumber(1, campaignId), { key });
      expect(answer).toMatchObject({ status: 403, body: { code: 'CAMPAIGN_NOT_ALLOWED', retryable: false } });
    }
  });

  test('a lead that names none goes to the default', async () => {
    const key = await addKey({ defaultCampaign: company.campaignId, campaigns: [company.campaignId] });
    for (const campaignId of [undefined, null, '']) {
      const answer = await post(system, { ...leadNumber(nextLead++), campaignId }, { key });
      expect(answer.status).toBe(200);
      expect(await rowOf(system, leadIdOf(answer))).toMatchObject({ campaignId: company.campaignId });
    }
    expect((await post(system, leadNumber(1, 'unknown'), { key })).status).toBe(403);
  });
});

describe('the label', () => {
  test('is the source of its leads, however they come', async () => {
    const key = await addKey({ label: 'Vendor A' });
    const plain = leadIdOf(await send(key));
    const kept = await post(system, leadNumber(nextLead++, company.campaignId), {
      key,
      headers: { prefer: 'respond-async' },
    });
    const unlabelled = leadIdOf(await send(company.key));
    const ask = (path: string) =>
      callIngress(system.ingresses[0]?.url ?? '', path, {
        headers: { authorization: `Bearer ${company.key}` },
      });
    for (const leadId of [plain, kept.body.leadId]) {
      expect((await ask(`/live-feed/leads/${leadId}`)).body.source).toBe('Vendor A');
    }
    expect((await ask(`/live-feed/leads/${unlabelled}`)).body.source).toBeNull();
    const { leads } = (await ask('/live-feed/leads?source=Vendor%20A')).body;
    expect(leads.map(({ leadId }: { leadId: string }) => leadId).sort()).toEqual(
      [plain, kept.body.leadId].sort(),
    );
  });
});
