import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Answer, misbehave, simulator } from '../../kit/http/client.ts';
import { leadIdOf, storedLeadIds, submit, untilState } from '../../kit/leads/lead-effects.ts';
import { useDatabase } from '../../kit/services/database.ts';
import { useRedis } from '../../kit/services/redis.ts';
import { addCompany, CLOSED_PORT, type Company, simulatedBaseUrl } from '../../kit/system/company.ts';
import { openQueues, type Queues } from '../../kit/system/queues.ts';
import { type System, startSystem } from '../../kit/system/system.ts';
import { waitFor } from '../../kit/wait-for.ts';

/** A dialing system that wants to be left alone is, for a while, and nobody else is. */

const database = useDatabase();
const redis = useRedis();
let system: System;
let queues: Queues;

const TROUBLES = {
  'asked for a pause': { times: 1, fault: { kind: 'status', status: 429, retryAfter: 3 } },
  'asked for a pause without saying how long': { times: 3, fault: { kind: 'status', status: 429 } },
  'refused the token with 401': { fault: { kind: 'status', status: 401, body: 'Jwt is expired' } },
  'refused the token with 403': { fault: { kind: 'status', status: 403 } },
  'does not know the campaign': { fault: { kind: 'status', status: 404 } },
  'keeps failing': { fault: { kind: 'status', status: 503 } },
} as const;

type Trouble = keyof typeof TROUBLES;

const troubled = new Map<string, Company>();

beforeAll(async () => {
  system = await startSystem({
    databaseUrl: database.url,
    redisUrl: redis.url,
    // Time for five failures in a row on a busy machine.
    environment: { INGRESS_DEADLINE_MS: '28000' },
  });
  queues = await openQueues(system);
  const rules = [];
  for (const [name, rule] of Object.entries(TROUBLES)) {
    const company = await addCompany(system);
    troubled.set(name, company);
    rules.push({ on: 'upload', match: { campaignId: company.campaignId }, ...rule });
  }
  await misbehave(system, { rules });
});
afterAll(async () => {
  await queues?.close();
  await system?.stop();
});

function companyWhoseDialer(trouble: Trouble): Company {
  const company = troubled.get(trouble);
  if (company === undefined) throw new Error(`No dialer ${trouble}.`);
  return company;
}

async function submitSeveral(company: Company, count: number): Promise<Answer[]> {
  return Promise.all(Array.from({ length: count }, (_, n) => submit(system, company, n)));
}

async function untilHeld(company: Company) {
  return waitFor(
    async () => {
      const standing = await queues.standing(company);
      return standing.heldForMs > 0 && standing;
    },
    { what: 'the hold', everyMs: 10, timeoutMs: 90_000 },
  );
}

const statusesOf = (answers: readonly Answer[]) => [...new Set(answers.map(({ status }) => status))];

/** Sizes of the uploads that the dialing system was asked for a campaign, oldest first. */
async function uploadSizes({ campaignId }: Company): Promise<number[]> {
  const { requests } = await simulator(system, '/requests?limit=10000');
  return requests
    .filter(({ url }: { url: string }) => url.includes(`/campaigns/${campaignId}/`))
    .map(({ body }: { body: { uploadLeads: unknown[] } }) => body.uploadLeads.length);
}

describe('a dialer is held, and nobody else notices', () => {
  test.concurrent.each(['asked for a pause', 'asked for a pause without saying how long'] as const)(
    'its dialing system %s: the leads go out after it',
    async (trouble) => {
      const company = companyWhoseDialer(trouble);
      const neighbour = await addCompany(system, { family: 'newbridge' });
      const answering = submitSeveral(company, 10);
      expect((await untilHeld(company)).reason).toBe('throttled');
      expect((await submit(system, neighbour, 1)).status).toBe(200);

      const answers = await answering;
      expect(statusesOf(answers)).toEqual([200]);
      expect((await storedLeadIds(system, company)).toSorted()).toEqual(answers.map(leadIdOf).toSorted());
      // A dialing system that asks for a pause is not called again for each waiting lead.
      const refused = TROUBLES[trouble].times;
      const { accounts } = await simulator(system, '/stats');
      expect(accounts[`ringcx/${company.campaignId}`].uploads).toBeLessThanOrEqual(10 + refused);
    },
  );

  test.concurrent('it cannot be reached five times in a row, and is released by the first success', async () => {
    const company = await addCompany(system, { baseUrl: CLOSED_PORT });
    const neighbour = await addCompany(system, { family: 'newbridge' });
    const answering = submitSeveral(company, 10);
    expect(await untilHeld(company)).toMatchObject({ reason: 'failing', probing: true });
    expect((await submit(system, neighbour, 1)).status).toBe(200);

    const baseUrl = simulatedBaseUrl(system);
    await system.database.dialer.update({ where: { id: company.dialerId }, data: { baseUrl } });
    const answers = await answering;
    expect(statusesOf(answers)).toEqual([200]);
    expect((await storedLeadIds(system, company)).toSorted()).toEqual(answers.map(leadIdOf).toSorted());
    expect(await queues.standing(company)).toMatchObject({ heldForMs: 0, failures: 0, probing: false });
  });

  test.concurrent('it keeps failing: probes carry one lead, and every caller is told that it failed', async () => {
    const company = companyWhoseDialer('keeps failing');
    const answering = submitSeveral(company, 12);
    expect(await untilHeld(company)).toMatchObject({ reason: 'failing', probing: true });
    // An upload with a permit of before the hold may arrive after it, but not as late as the first probe.
    const { failures } = await queues.standing(company);
    await waitFor(async () => (await queues.standing(company)).failures > failures, {
      what: 'the first probe',
      timeoutMs: 90_000,
    });
    const before = (await uploadSizes(company)).length;
    const probes = await waitFor(
      async () => {
        const sizes = (await uploadSizes(company)).slice(before);
        return sizes.length >= 2 && sizes;
      },
      { what: 'two probes', timeoutMs: 90_000 },
    );
    expect(probes).toEqual(probes.map(() => 1));

    const answers = await answering;
    const told = answers.map(({ status, body }) => `${status} ${body.code}`);
    // Some were tried and are known absent; the others have not been tried yet and are kept.
    expect(['502 DIALER_FAILED', '504 OUTCOME_PENDING']).toEqual(expect.arrayContaining([...new Set(told)]));
    expect(told).toContain('502 DIALER_FAILED');
    expect(await storedLeadIds(system, company)).toEqual([]);
  });
});

describe('a dialing system that does not let us in', () => {
  test.concurrent.each(['refused the token with 401', 'refused the token with 403'] as const)(
    'it %s: waiting callers get 502, promised leads wait for a person',
    async (trouble) => {
      const company = companyWhoseDialer(trouble);
      const answer = await submit(system, company, 1);
      expect(answer).toMatchObject({ status: 502, body: { code: 'DIALER_TOKEN_REFUSED', retryable: true } });
      expect((await queues.standing(company)).reason).toBe('token_refused');
      const leadId = leadIdOf(answer);
      // As if it had been promised: it is to be delivered once the token is renewed.
      await system.database.lead.update({
        where: { id: leadId },
        data: { state: 'QUEUED', promised: true, dueAt: new Date(0), finishedAt: null },
      });
      await untilState(system, leadId, 'PARKED');
      expect(await storedLeadIds(system, company)).toEqual([]);
    },
  );

  test.concurrent('it does not know the campaign: that is final, and holds nobody', async () => {
    const company = companyWhoseDialer('does not know the campaign');
    const answer = await submit(system, company, 1);
    expect(answer).toMatchObject({
      status: 502,
      body: { code: 'DIALER_CAMPAIGN_UNKNOWN', retryable: false },
    });
    await untilState(system, leadIdOf(answer), 'REJECTED');
    expect(await queues.standing(company)).toMatchObject({ heldForMs: 0, failures: 0 });
  });
});
