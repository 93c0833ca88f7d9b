import { describe, expect, test } from 'vitest';
import { type Answer, leadNumber, misbehave, post } from '../kit/http/client.ts';
import { leadIdOf, rowOf, storedLeadIds, untilAdmitted, untilState } from '../kit/leads/lead-effects.ts';
import { addCompany, CLOSED_PORT, type Company } from '../kit/system/company.ts';
import { addCompanyWithoutPermits, givePermits } from '../kit/system/company-without-permits.ts';
import type { IngressPart } from '../kit/system/parts.ts';
import type { Queues } from '../kit/system/queues.ts';
import type { System } from '../kit/system/system.ts';
import { useSystem } from '../kit/system/use-system.ts';
import { waitFor } from '../kit/wait-for.ts';

/** The API's contract, section 8: a request equal to one still under way gets that one's lead and answer, and no other does. */

let system: System;
let queues: Queues;

/** Answers soon that the outcome is not known. All others wait for as long as a busy machine may need. */
let impatient: IngressPart;

useSystem({ ingresses: 2, workers: 2, environment: { INGRESS_DEADLINE_MS: '25000' } }, async (started) => {
  ({ system, queues } = started);
  impatient = await system.addIngress({ INGRESS_DEADLINE_MS: '3000' });
});

interface Sent {
  readonly ingress?: number | IngressPart;
  readonly body?: unknown;
  readonly headers?: Record<string, string>;
}

function submit(company: Company, { ingress = 0, body, headers = {} }: Sent = {}): Promise<Answer> {
  const { key, campaignId } = company;
  return untilAdmitted(() => post(system, body ?? leadNumber(1, campaignId), { key, ingress, headers }));
}

const waitingCompany = () => addCompanyWithoutPermits(system, queues);

async function untilWaiting(company: Company, count: number): Promise<void> {
  const queue = await queues.of(company);
  await waitFor(async () => (await queue.getWaitingCount()) === count, { what: `${count} in the queue` });
}

/** Requests that found an equal one in the queue. */
async function untilJoined(company: Company, count: number): Promise<void> {
  const queue = await queues.of(company);
  const joined = async () =>
    (await queues.redis.xrange(queue.keys['events'] ?? '', '-', '+')).filter(([, fields]) =>
      fields.includes('deduplicated'),
    );
  await waitFor(async () => (await joined()).length >= count, { what: `${count} that joined` });
}

/** A lead that is kept, in a queue that nobody takes from. */
async function promisedLead(company: Company): Promise<Answer> {
  const answer = await submit(company, { headers: { prefer: 'respond-async' } });
  expect(answer.status).toBe(202);
  return answer;
}

const idsOf = (answers: readonly Answer[]) => new Set(answers.map(leadIdOf));

describe('equal requests under way are one lead', () => {
  test('a hundred at once, through two ingresses: one lead, a hundred equal answers', async () => {
    const company = await waitingCompany();
    const sent = Array.from({ length: 100 }, (_, n) => submit(company, { ingress: n % 2 }));
    await untilJoined(company, 99);
    await givePermits(system, queues, company);
    const answers = await Promise.all(sent);
    expect(idsOf(answers).size).toBe(1);
    for (const { status, body } of answers) {
      expect([status, body]).toEqual([200, answers[0]?.body]);
    }
    expect(await storedLeadIds(system, company)).toEqual([...idsOf(answers)]);
  });

  test('the same request in another form is equal', async () => {
    const company = await waitingCompany();
    const { campaignId, lead } = leadNumber(1, company.campaignId);
    const first = submit(company);
    await untilWaiting(company, 1);
    const body = { more: 1, lead: { city: '', ...lead, leadPhone: '+1 (555) 000-0001' }, campaignId };
    const second = submit(company, { body, ingress: 1 });
    await untilJoined(company, 1);
    await givePermits(system, queues, company);
    expect(idsOf(await Promise.all([first, second])).size).toBe(1);
  });

  test('a refusal goes to all callers', async () => {
    const company = await waitingCompany();
    const { campaignId } = company;
    const fault = { kind: 'reject', message: 'No' };
    await misbehave(system, { rules: [{ on: 'upload', match: { campaignId }, times: 1, fault }] });
    const sent = [0, 1, 0, 1].map((ingress) => submit(company, { ingress }));
    await untilJoined(company, 3);
    await givePermits(system, queues, company);
    const answers = await Promise.all(sent);
    expect(idsOf(answers).size).toBe(1);
    expect(new Set(answers.map(({ body }) => body.code))).toEqual(new Set(['DIALER_REJECTED']));
  });

  test.concurrent('after a 504 the same request goes on waiting', async () => {
    const company = await waitingCompany();
    const first = await submit(company, { ingress: impatient });
    expect(first.status).toBe(504);
    const second = submit(company, { ingress: 1 });
    await untilJoined(company, 1);
    await givePermits(system, queues, company);
    const answer = await second;
    expect([answer.status, leadIdOf(answer)]).toEqual([200, leadIdOf(first)]);
    expect(await storedLeadIds(system, company)).toEqual([leadIdOf(first)]);
  });

  test.concurrent('between two attempts, too: it is tried again for both', async () => {
    const company = await addCompany(system, { baseUrl: CLOSED_PORT });
    const first = submit(company, { ingress: impatient });
    const row = await waitFor(() =>
      system.database.lead.findFirst({ where: { companyId: company.id, attempt: { gt: 0 } } }),
    );
    const second = submit(company, { ingress: 1 });
    const answers = await Promise.all([first, second]);
    expect(idsOf(answers)).toEqual(new Set([row.id]));
    expect(answers.map(({ status }) => status)).toEqual([502, 502]);
  });

  test('a request that does not wait joins too, and gets 202 with the stored lead', async () => {
    const company = await waitingCompany();
    const first = submit(company);
    await untilWaiting(company, 1);
    const second = await submit(company, { ingress: 1, headers: { prefer: 'respond-async' } });
    expect(second.status).toBe(202);
    expect((await rowOf(system, leadIdOf(second)))?.promised).toBe(true);
    await givePermits(system, queues, company);
    expect(leadIdOf(await first)).toBe(leadIdOf(second));
    expect(await storedLeadIds(system, company)).toEqual([leadIdOf(second)]);
  });

  test('a promised lead that got its job back can still be joined', async () => {
    const company = await waitingCompany();
    const first = await promisedLead(company);
    const queue = await queues.of(company);
    await queue.remove(leadIdOf(first));
    await untilWaiting(company, 1);
    const second = submit(company, { ingress: 1 });
    await untilJoined(company, 1);
    await givePermits(system, queues, company);
    expect(leadIdOf(await second)).toBe(leadIdOf(first));
  });
});

describe('what is not under way, or not equal, is a lead of its own', () => {
  test('one after the other: each its own, however fast', async () => {
    const company = await addCompany(system);
    const answers: Answer[] = [];
    for (let n = 0; n < 20; n += 1) answers.push(await submit(company, { ingress: n % 2 }));
    expect(idsOf(answers).size).toBe(20);
    expect(await storedLeadIds(system, company)).toHaveLength(20);
  });

  test('a lead that has ended is not joined although its job is still there', async () => {
    const company = await waitingCompany();
    const first = await promisedLead(company);
    const ended = { state: 'PARKED', finishedAt: new Date(0) } as const;
    await system.database.lead.update({ where: { id: leadIdOf(first) }, data: ended });
    const second = submit(company, { ingress: 1 });
    await untilWaiting(company, 2);
    await givePermits(system, queues, company);
    const answer = await second;
    expect(answer.status).toBe(200);
    expect(leadIdOf(answer)).not.toBe(leadIdOf(first));
    expect(await storedLeadIds(system, company)).toEqual([leadIdOf(answer)]);
  });

  test('another field, another company', async () => {
    const company = await waitingCompany();
    const other = { ...leadNumber(1, company.campaignId), options: { description: 'other' } };
    const sent = [submit(company), submit(company, { body: other })];
    await untilWaiting(company, 2);
    await givePermits(system, queues, company);
    const answers = [...(await Promise.all(sent)), await submit(await addCompany(system))];
    expect(idsOf(answers).size).toBe(3);
    for (const answer of answers) await untilState(system, leadIdOf(answer), 'ACCEPTED');
  });
});
