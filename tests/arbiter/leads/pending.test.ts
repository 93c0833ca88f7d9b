import { describe, expect, test } from 'vitest';
import { type Answer, misbehave } from '../../kit/http/client.ts';
import { leadIdOf, rowOf, storedLeadIds, submit, untilState } from '../../kit/leads/lead-effects.ts';
import { addCompany, CLOSED_PORT, type Company, simulatedBaseUrl } from '../../kit/system/company.ts';
import { addCompanyWithoutPermits, givePermits } from '../../kit/system/company-without-permits.ts';
import type { Queues } from '../../kit/system/queues.ts';
import type { System } from '../../kit/system/system.ts';
import { useSystem } from '../../kit/system/use-system.ts';
import { waitFor } from '../../kit/wait-for.ts';

/** OUTCOME_PENDING is for a lead that was not tried or whose outcome is unknown, and such a lead is delivered. */

let system: System;
let queues: Queues;
let unserved: { company: Company; answer: Answer };
let throttled: Company;
let unverified: Company;

// Longer than a busy machine takes for an upload, shorter than five failed read-backs.
useSystem({ workers: 0, environment: { INGRESS_DEADLINE_MS: '6000' } }, async (started) => {
  ({ system, queues } = started);
  throttled = await addCompany(system);
  unverified = await addCompany(system);
  const slowDown = { kind: 'status', status: 429, retryAfter: 20 };
  await misbehave(system, {
    rules: [
      { on: 'upload', match: { campaignId: throttled.campaignId }, times: 1, fault: slowDown },
      {
        on: 'upload',
        match: { campaignId: unverified.campaignId },
        fault: { kind: 'hang', when: 'afterStoring' },
      },
      {
        on: 'readBack',
        match: { accountId: unverified.campaignId },
        times: 5,
        fault: { kind: 'status', status: 500 },
      },
    ],
  });
  const company = await addCompany(system);
  unserved = { company, answer: await submitUntilKept(company) };
  await system.addWorker();
});

/** A busy machine may not write a promise in time, and then gives the lead back unsent: it is submitted again. */
function submitUntilKept(company: Company): Promise<Answer> {
  return waitFor(
    async () => {
      const answer = await submit(system, company, 1);
      return answer.body?.code === 'GIVEN_BACK' ? undefined : answer;
    },
    { what: 'a lead that is not given back', timeoutMs: 90_000 },
  );
}

function expectPending(answer: Answer): void {
  const leadId = leadIdOf(answer);
  expect(answer).toMatchObject({
    status: 504,
    body: {
      success: false,
      code: 'OUTCOME_PENDING',
      retryable: false,
      leadId,
      statusUrl: `/live-feed/leads/${leadId}`,
    },
  });
}

async function expectOneEffect(answer: Answer, company: Company): Promise<void> {
  const leadId = leadIdOf(answer);
  await untilState(system, leadId, 'ACCEPTED');
  expect((await storedLeadIds(system, company)).filter((id) => id === leadId)).toHaveLength(1);
}

/** A lead that was promised to its caller while nothing left, of a company whose leads leave from now on. */
async function promisedTo(company: Company): Promise<Answer> {
  const answer = await submitUntilKept(company);
  expectPending(answer);
  expect(await rowOf(system, leadIdOf(answer))).toMatchObject({
    state: 'QUEUED',
    promised: true,
    attempt: 0,
  });
  await givePermits(system, queues, company);
  return answer;
}

async function untilTried(leadId: string, attempts: number): Promise<void> {
  await waitFor(async () => ((await rowOf(system, leadId))?.attempt ?? 0) >= attempts, {
    what: `attempt ${attempts}`,
  });
}

describe('a caller who is told "pending" has a lead that is delivered once', () => {
  test.concurrent('nobody serves the queues', async () => {
    const { company, answer } = unserved;
    expectPending(answer);
    expect((await rowOf(system, leadIdOf(answer)))?.promised).toBe(true);
    await expectOneEffect(answer, company);
  });

  test.concurrent('nothing leaves for want of permits', async () => {
    const company = await addCompanyWithoutPermits(system, queues);
    await expectOneEffect(await promisedTo(company), company);
  });

  test.concurrent('the dialer is held: the lead that was throttled failed, and the next one is not taken', async () => {
    const tried = await submit(system, throttled, 1);
    expect(tried).toMatchObject({ status: 502, body: { code: 'DIALER_THROTTLED', retryable: true } });
    const next = await submit(system, throttled, 2);
    expect(next).toMatchObject({ status: 429, body: { code: 'DIALER_PAUSED', retryable: true } });
    expect(next.headers.has('x-lead-id')).toBe(false);
    expect(await storedLeadIds(system, throttled)).toEqual([]);
  });

  test.concurrent('the outcome is not known at the deadline', async () => {
    const answer = await submit(system, unverified, 1);
    expectPending(answer);
    expect(await rowOf(system, leadIdOf(answer))).toMatchObject({ promised: true, attempt: 1 });
    await expectOneEffect(answer, unverified);
    expect((await rowOf(system, leadIdOf(answer)))?.outcomeSource).toBe('read-back');
  });

  test.concurrent('the dialing system cannot be reached until long after the deadline', async () => {
    const company = await addCompanyWithoutPermits(system, queues, { baseUrl: CLOSED_PORT });
    const answer = await promisedTo(company);
    await untilTried(leadIdOf(answer), 2);
    const baseUrl = simulatedBaseUrl(system);
    await system.database.dialer.update({ where: { id: company.dialerId }, data: { baseUrl } });
    await expectOneEffect(answer, company);
  });
});

describe('a promised lead is not tried for ever', () => {
  test.concurrent('it expires at its maximum age, and is not sent', async () => {
    const company = await addCompanyWithoutPermits(system, queues, { baseUrl: CLOSED_PORT });
    const leadId = leadIdOf(await promisedTo(company));
    await untilTried(leadId, 1);
    await system.database.lead.update({ where: { id: leadId }, data: { expiresAt: new Date(0) } });
    await untilState(system, leadId, 'EXPIRED');
    expect(await storedLeadIds(system, company)).toEqual([]);
  });
});
