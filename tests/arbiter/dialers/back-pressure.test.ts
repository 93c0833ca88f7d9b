import { setTimeout as delay } from 'node:timers/promises';
import { newId } from '@live-feed/core/ids';
import { dialerAddress, dialerKeys } from '@live-feed/queue/limits/dialer-address';
import { createDialerHealth } from '@live-feed/queue/limits/dialer-health';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Answer, callIngress, leadNumber, misbehave, post } from '../../kit/http/client.ts';
import { leadIdOf, storedLeadIds, untilAdmitted, untilState } from '../../kit/leads/lead-effects.ts';
import { useDatabase } from '../../kit/services/database.ts';
import { useRedis } from '../../kit/services/redis.ts';
import { addCompany, type Company, type CompanyOptions, simulatedBaseUrl } from '../../kit/system/company.ts';
import { addCompanyWithoutPermits, givePermits } from '../../kit/system/company-without-permits.ts';
import { openQueues, type Queues } from '../../kit/system/queues.ts';
import { type System, startSystem } from '../../kit/system/system.ts';
import { waitFor } from '../../kit/wait-for.ts';

/** The API's contract, section 8: a lead that could not be answered in time is not taken, and its caller is told when to come again. */

const database = useDatabase();
const redis = useRedis();
let system: System;
let queues: Queues;

const DEADLINE_MS = 10_000;
const MAX_BACKLOG = 300;

beforeAll(async () => {
  system = await startSystem({
    databaseUrl: database.url,
    redisUrl: redis.url,
    ingresses: 2,
    workers: 2,
    environment: {
      INGRESS_DEADLINE_MS: String(DEADLINE_MS),
      INGRESS_MAX_BACKLOG: String(MAX_BACKLOG),
      // No upload is too slow for its worker because the machine is busy.
      WORKER_UPLOAD_TIMEOUT_MS: '5000',
    },
  });
  queues = await openQueues(system);
});
afterAll(async () => {
  await Promise.all(taken);
  await queues?.close();
  await system?.stop();
});

interface Sent {
  readonly ingress?: number;
  readonly campaignId?: string;
  readonly headers?: Record<string, string>;
}

function submit(company: Company, n: number, sent: Sent = {}): Promise<Answer> {
  const { ingress = 0, campaignId = company.campaignId, headers = {} } = sent;
  return untilAdmitted(() => post(system, leadNumber(n, campaignId), { key: company.key, ingress, headers }));
}

const retryAfterOf = ({ headers }: Answer) => Number(headers.get('retry-after'));

/** 3.6 permits a second, and five leads to each. */
const SLOW: CompanyOptions = { maxLeadsPerUpload: 5, uploadWindows: [{ requests: 40, perMs: 9_000 }] };
const LEADS_PER_S = 18;

describe('a dialer with more leads than it can take in time', () => {
  interface Caller {
    answer: Answer;
    tries: number;
  }

  async function callUntilTaken(company: Company, n: number): Promise<Caller> {
    for (let tries = 1; ; tries += 1) {
      // Wherever a load balancer sends it.
      const answer = await submit(company, n, { ingress: (n + tries) % 2 });
      if (answer.status !== 429 || tries === 5) return { answer, tries };
      await delay(retryAfterOf(answer) * 1_000);
    }
  }

  test('three times what it takes: who obeys Retry-After gets in at the second try, and is answered in time', async () => {
    const company = await addCompany(system, SLOW);
    const seconds = 6;
    const callers: Promise<Caller>[] = [];
    const beganAt = performance.now();
    for (let n = 0; n < 3 * LEADS_PER_S * seconds; n += 1) {
      callers.push(callUntilTaken(company, n));
      // A busy machine that is late catches up: fewer leads a second would not be too many.
      await delay(Math.max(0, beganAt + ((n + 1) * 1_000) / (3 * LEADS_PER_S) - performance.now()));
    }
    const all = await Promise.all(callers);
    const outcomes = all.map(({ answer, tries }) => `${answer.status} at try ${tries}`);
    expect(new Set(outcomes)).toEqual(new Set(['200 at try 1', '200 at try 2']));
    expect(new Set(await storedLeadIds(system, company)).size).toBe(all.length);
  });

  test('holds up no lead of another campaign, and no request that does not wait, up to a cap', async () => {
    const company = await addCompany(system, { ...SLOW, maxLeadsPerUpload: 1 });
    const otherCampaign = String(Number(company.campaignId) + 1);
    await system.database.campaign.create({
      data: { id: newId(), companyId: company.id, campaignId: otherCampaign },
    });
    const async = { headers: { prefer: 'respond-async' } };
    const promised = Array.from({ length: 60 }, (_, n) => submit(company, n, async));
    expect(new Set((await Promise.all(promised)).map(({ status }) => status))).toEqual(new Set([202]));
    const refused = await untilRefused(company, 'DIALER_BACKLOG');
    expect(refused.body).toMatchObject({ success: false, code: 'DIALER_BACKLOG', retryable: true });
    expect(refused.headers.get('retry-after')).toMatch(/^[1-9][0-9]*$/);
    expect(refused.headers.has('x-lead-id')).toBe(false);
    // What the lane has not looked at yet may be of any campaign.
    const elsewhere = () => submit(company, newNumber(), { campaignId: otherCampaign });
    await waitFor(async () => (await elsewhere()).status === 200, { what: 'a lead of another campaign' });
    expect((await submit(company, 102, async)).status).toBe(202);

    const capped = await waitFor(
      async () => {
        const more = Array.from({ length: 50 }, (_, n) => submit(company, newNumber() + n, async));
        const answers = await Promise.all(more);
        return answers.find(({ status }) => status === 429);
      },
      { what: 'the cap' },
    );
    expect(capped.body).toMatchObject({ code: 'DIALER_BACKLOG', retryable: true });
    // The rest of the promised leads is of no use to anybody.
    await system.database.lead.updateMany({
      where: { companyId: company.id, state: 'QUEUED' },
      data: { state: 'ABANDONED', finishedAt: new Date() },
    });
  });

  test('what would become no lead is let through: an equal one under way is joined, a key answered', async () => {
    const company = await addCompanyWithoutPermits(system, queues);
    const first = submit(company, 1);
    const keyed = submit(company, 2, { headers: { 'idempotency-key': 'one' } });
    const queue = await queues.of(company);
    await waitFor(async () => (await queue.getWaitingCount()) === 2, { what: 'both in the queue' });
    await queue.pause();
    const refused = await untilRefused(company, 'DIALER_PAUSED');
    expect(refused.status).toBe(429);
    const repeated = submit(company, 1, { ingress: 1 });
    const repeatedKey = submit(company, 2, { ingress: 1, headers: { 'idempotency-key': 'one' } });
    const other = await submit(company, 2, { headers: { 'idempotency-key': 'two' } });
    expect(other.body.code).toBe('DIALER_PAUSED');
    await queue.resume();
    await givePermits(system, queues, company);
    const answers = await Promise.all([first, repeated, keyed, repeatedKey]);
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    expect(leadIdOf(answers[0])).toBe(leadIdOf(answers[1]));
    expect(leadIdOf(answers[2])).toBe(leadIdOf(answers[3]));
    const stored = await storedLeadIds(system, company);
    for (const answer of answers) expect(stored.filter((id) => id === leadIdOf(answer))).toHaveLength(1);
  });
});

describe('a dialer that nothing leaves to', () => {
  test('paused by an operator: 429 until it is resumed; requests that do not wait are taken', async () => {
    const company = await addCompany(system);
    const queue = await queues.of(company);
    await queue.pause();
    const kept = await submit(company, 1, { headers: { prefer: 'respond-async' } });
    const refused = await untilRefused(company, 'DIALER_PAUSED');
    expect(refused.body).toMatchObject({ code: 'DIALER_PAUSED', retryable: true, retryAfterSeconds: null });
    expect(retryAfterOf(refused)).toBe(30);
    expect((await submit(company, 2, { headers: { prefer: 'respond-async' } })).status).toBe(202);
    await queue.resume();
    await untilState(system, leadIdOf(kept), 'ACCEPTED');
    await waitFor(async () => (await submit(company, 3)).status === 200, { what: 'an end of the refusals' });
  });

  type Stop = (company: Company) => Promise<unknown>;
  const health = () => createDialerHealth(queues.redis);
  const addressOf = ({ dialerId, campaignId }: Company) =>
    dialerAddress({ id: dialerId, baseUrl: simulatedBaseUrl(system), accountId: campaignId });
  const HOUR_MS = 3_600_000;
  const stops: readonly (readonly [name: string, stop: Stop, longestS: number | null])[] = [
    ['paused', async (company) => (await queues.of(company)).pause(), null],
    ['held by ops', (company) => health().hold(addressOf(company), HOUR_MS, 'maintenance'), 3_600],
    ['asked to slow down', (company) => health().throttled(addressOf(company), 90_000), 90],
    [
      'failing',
      (company) => queues.redis.set(dialerKeys(addressOf(company)).hold, 'failing', 'PX', 90_000),
      90,
    ],
  ];
  test.each(stops)(
    '%s while nothing waited: the first callers are refused',
    async (_name, stop, longestS) => {
      const company = await addCompany(system);
      await stop(company);
      const late = await system.addIngress();
      for (const url of [...system.ingresses, late].map(({ url }) => url)) {
        const refused = await untilAdmitted(() =>
          callIngress(url, '/live-feed/ringcx', {
            method: 'POST',
            headers: { authorization: `Bearer ${company.key}`, 'content-type': 'application/json' },
            body: JSON.stringify(leadNumber(newNumber(), company.campaignId)),
          }),
        );
        const { code, message, retryAfterSeconds } = refused.body;
        expect([refused.status, code]).toEqual([429, 'DIALER_PAUSED']);
        expect(retryAfterOf(refused)).toBe(Math.min(30, retryAfterSeconds ?? 30));
        if (longestS === null) {
          expect(retryAfterSeconds).toBeNull();
        } else {
          expect(retryAfterSeconds).toBeGreaterThan(longestS - 60);
          expect(retryAfterSeconds).toBeLessThanOrEqual(longestS);
          expect(message).toContain(`in ${retryAfterSeconds} seconds`);
        }
      }
      await late.stop();
      await health().release(addressOf(company));
      await (await queues.of(company)).resume();
      await waitFor(async () => (await submit(company, newNumber())).status === 200, {
        what: 'a lead taken',
      });
    },
  );

  test('held for longer than a caller waits: 429, with the second from which the hold can be waited for', async () => {
    const company = await addCompany(system);
    const match = { campaignId: company.campaignId };
    const fault = { kind: 'status', status: 429, retryAfter: 12 };
    await misbehave(system, { rules: [{ on: 'upload', match, times: 1, fault }] });
    const throttled = await submit(company, 1);
    expect(throttled.body.code).toBe('DIALER_THROTTLED');
    const refused = await untilRefused(company, 'DIALER_PAUSED');
    await delay(retryAfterOf(refused) * 1_000);
    const taken = await submit(company, newNumber(), { ingress: 1 });
    expect(taken.status).toBe(200);
  });
});

let numbers = 10_000;
function newNumber(): number {
  numbers += 1_000;
  return numbers;
}

/** Of callers that wait, whose leads were taken before the ingress had been told. */
const taken: Promise<Answer>[] = [];

/** Refusals begin when both ingresses have been told. */
async function untilRefused(company: Company, code: string): Promise<Answer> {
  const refused = await Promise.all(
    [0, 1].map((ingress) => {
      const answers: Answer[] = [];
      return waitFor(
        () => {
          const asked = submit(company, newNumber(), { ingress });
          taken.push(asked);
          void asked.then((answer) => answers.push(answer));
          return answers.find(({ body }) => body.code === code);
        },
        { what: `a refusal with ${code}`, everyMs: 100 },
      );
    }),
  );
  return refused[0] as Answer;
}
