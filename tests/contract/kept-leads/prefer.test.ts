import { describe, expect, test } from 'vitest';
import { type Answer, leadNumber, misbehave, post } from '../../kit/http/client.ts';
import { leadIdOf, rowOf, storedLeadIds, untilState } from '../../kit/leads/lead-effects.ts';
import { addCompany, type Company } from '../../kit/system/company.ts';
import type { Part } from '../../kit/system/parts.ts';
import type { Queues } from '../../kit/system/queues.ts';
import type { System } from '../../kit/system/system.ts';
import { useSystem } from '../../kit/system/use-system.ts';

/** The API's contract, section 8: a caller may prefer not to wait. 202 is said of a lead that is on disk. */

let system: System;
let queues: Queues;
let worker: Part;

const { redis } = useSystem({ workers: 0, environment: { INGRESS_DEADLINE_MS: '3000' } }, async (started) => {
  ({ system, queues } = started);
  worker = await system.addWorker();
});

function submit(company: Company, prefer: string, n = 1): Promise<Answer> {
  return post(system, leadNumber(n, company.campaignId), { key: company.key, headers: { prefer } });
}

async function expectKept(answer: Answer, applied: string): Promise<void> {
  const leadId = leadIdOf(answer);
  const statusUrl = `/live-feed/leads/${leadId}`;
  expect(answer).toMatchObject({ status: 202, body: { success: true, leadId, statusUrl } });
  expect(answer.headers.get('location')).toBe(statusUrl);
  expect(answer.headers.get('preference-applied')).toBe(applied);
  expect((await rowOf(system, leadId))?.promised).toBe(true);
}

async function pausedCompany(): Promise<Company> {
  const company = await addCompany(system);
  await (await queues.of(company)).pause();
  return company;
}

describe('Prefer', () => {
  test('respond-async: 202 at once, and the lead is delivered once', async () => {
    const company = await addCompany(system);
    const answer = await submit(company, 'respond-async');
    await expectKept(answer, 'respond-async');
    await untilState(system, leadIdOf(answer), 'ACCEPTED');
    expect(await storedLeadIds(system, company)).toEqual([leadIdOf(answer)]);
  });

  test.each([
    ['wait=2', 'wait=2'],
    ['wait=60, respond-async', 'respond-async, wait=3'],
  ])('%s: an outcome that is known by then is the answer', async (prefer, applied) => {
    const company = await addCompany(system);
    const answer = await submit(company, prefer);
    expect(answer).toMatchObject({ status: 200, body: { dialerResponse: { leadsAccepted: 1 } } });
    expect(answer.headers.get('preference-applied')).toBe(applied);
  });

  test('wait: a refusal that is known by then is the answer', async () => {
    const company = await addCompany(system);
    const { campaignId } = company;
    const fault = { kind: 'reject', message: 'No' };
    await misbehave(system, { rules: [{ on: 'upload', match: { campaignId }, fault }] });
    const answer = await submit(company, 'wait=2');
    expect(answer).toMatchObject({ status: 502, body: { code: 'DIALER_REJECTED' } });
    expect(answer.headers.get('preference-applied')).toBe('wait=2');
  });

  test.concurrent.each([
    ['wait=1', 'wait=1'],
    ['respond-async, wait=1', 'respond-async, wait=1'],
    ['wait=60', 'wait=3'],
  ])('%s: 202 for what is not known by then', async (prefer, applied) => {
    await expectKept(await submit(await pausedCompany(), prefer), applied);
  });

  test('what nobody understands changes nothing', async () => {
    const company = await addCompany(system);
    const answer = await submit(company, 'return=minimal, wait=soon');
    expect(answer.status).toBe(200);
    expect(answer.headers.has('preference-applied')).toBe(false);
  });

  test('nothing is promised to a request that is wrong', async () => {
    const company = await addCompany(system);
    const answer = await post(
      system,
      { campaignId: company.campaignId, lead: { leadPhone: '1' } },
      {
        key: company.key,
        headers: { prefer: 'respond-async' },
      },
    );
    expect(answer.status).toBe(400);
    expect(answer.headers.has('preference-applied')).toBe(false);
  });
});

test('a lead that was answered 202 is delivered although Redis loses everything', async () => {
  await worker.stop();
  const company = await addCompany(system);
  const answer = await submit(company, 'respond-async');
  await expectKept(answer, 'respond-async');
  await queues.redis.flushall();
  await system.addWorker();
  await untilState(system, leadIdOf(answer), 'ACCEPTED');
  expect(await storedLeadIds(system, company)).toEqual([leadIdOf(answer)]);
});

test('a lead is kept while Redis is away, and delivered once it is back', async () => {
  const company = await addCompany(system);
  await redis.server.kill();
  const answer = await submit(company, 'respond-async');
  await expectKept(answer, 'respond-async');
  await redis.server.restart();
  await untilState(system, leadIdOf(answer), 'ACCEPTED');
  expect(await storedLeadIds(system, company)).toEqual([leadIdOf(answer)]);
});
