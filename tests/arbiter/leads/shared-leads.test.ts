import { newId } from '@live-feed/core/ids';
import type { LeadJob } from '@live-feed/core/lead/lead-job';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Answer, callIngress, leadNumber, simulator } from '../../kit/http/client.ts';
import { leadIdOf, rowOf, untilAdmitted, untilState } from '../../kit/leads/lead-effects.ts';
import { CLEAR } from '../../kit/network/condition.ts';
import { startTcpProxy, type TcpProxy } from '../../kit/network/tcp-proxy.ts';
import { useDatabase } from '../../kit/services/database.ts';
import { useRedis } from '../../kit/services/redis.ts';
import type { Company } from '../../kit/system/company.ts';
import { addCompanyWithoutPermits, givePermits } from '../../kit/system/company-without-permits.ts';
import type { IngressPart } from '../../kit/system/parts.ts';
import { openQueues, type Queues } from '../../kit/system/queues.ts';
import { type System, startSystem } from '../../kit/system/system.ts';
import { waitFor } from '../../kit/wait-for.ts';

/** Several requests for one lead, and each is told something else of it: all of that is true. */

const database = useDatabase();
const redis = useRedis();
let system: System;
let queues: Queues;
let network: TcpProxy;
/** Redis' answers to this one may get lost. */
let remote: IngressPart;
let local: IngressPart;

beforeAll(async () => {
  system = await startSystem({
    databaseUrl: database.url,
    redisUrl: redis.url,
    environment: { INGRESS_DEADLINE_MS: '10000' },
  });
  queues = await openQueues(system);
  const redisUrl = new URL(redis.url);
  network = await startTcpProxy(Number(redisUrl.port), () => 0);
  redisUrl.port = String(network.port);
  remote = await system.addIngress({ REDIS_URL: redisUrl.href });
  local = system.ingresses[0] as IngressPart;
});
afterAll(async () => {
  await queues?.close();
  await system?.stop();
  await network?.close();
});

/** As often as a busy machine refuses it. */
function submit(
  ingress: IngressPart,
  { key, campaignId }: Company,
  headers: Record<string, string> = {},
  n = 1,
): Promise<Answer> {
  return untilAdmitted(() =>
    callIngress(ingress.url, '/live-feed/ringcx', {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json', ...headers },
      body: JSON.stringify(leadNumber(n, campaignId)),
    }),
  );
}

const ASYNC = { prefer: 'respond-async' };

/** Leads wait in its queue. The remote ingress has used that before, which costs questions of its own. */
async function waitingCompany(): Promise<Company> {
  const company = await addCompanyWithoutPermits(system, queues);
  await waitFor(async () => (await submit(remote, company, ASYNC, 2)).status === 202, {
    what: 'a lead that is kept',
  });
  return company;
}

/** The lead in the queue that nobody was promised. */
async function jobIn(company: Company): Promise<string> {
  const queue = await queues.of(company);
  return waitFor(
    async () => {
      for (const { id = '' } of await queue.getJobs(['wait'])) {
        if ((await rowOf(system, id)) === null) return id;
      }
      return undefined;
    },
    { what: 'a waiting caller’s lead in the queue' },
  );
}

async function expectDeliveredOnce(answer: Answer, company: Company): Promise<void> {
  await givePermits(system, queues, company);
  await untilState(system, leadIdOf(answer), 'ACCEPTED');
  const { leadPhone } = leadNumber(1).lead;
  const { leads } = await simulator(system, `/leads?campaignId=${company.campaignId}&phone=${leadPhone}`);
  expect(leads.map(({ externId }: { externId: string }) => externId)).toEqual([leadIdOf(answer)]);
}

async function joinedUnknown() {
  const company = await waitingCompany();
  network.setCondition({ kind: 'slow', delayMs: 5_000, only: 'answers' });
  const first = submit(remote, company);
  const leadId = await jobIn(company);
  const joined = await submit(local, company, ASYNC);
  if (joined.status === 202 && leadIdOf(joined) === leadId) return { company, first, joined, leadId };
  await first;
  network.setCondition(CLEAR);
  return undefined;
}

describe('a lead whose own ingress does not know that it is in the queue', () => {
  test('is not given back once somebody who joined it was told that it is kept', async () => {
    // The first ingress waits for Redis for 2 s, in which the second request has to come.
    const { company, first, joined, leadId } = await waitFor(joinedUnknown, {
      what: 'a lead that is joined',
    });
    // Longer than the first ingress waits for Redis.
    const answer = await first;
    network.setCondition(CLEAR);
    expect([answer.status, answer.body.code, leadIdOf(answer)]).toEqual([504, 'OUTCOME_PENDING', leadId]);
    await expectDeliveredOnce(joined, company);
  });

  test('is given back if nobody was, and a later request has a lead of its own', async () => {
    const company = await waitingCompany();
    network.setCondition({ kind: 'slow', delayMs: 5_000, only: 'answers' });
    const first = await submit(remote, company);
    network.setCondition(CLEAR);
    expect(first).toMatchObject({ status: 503, body: { code: 'QUEUE_UNAVAILABLE' } });
    const second = await submit(local, company, ASYNC);
    expect(second.status).toBe(202);
    expect(leadIdOf(second)).not.toBe(leadIdOf(first));
    expect((await rowOf(system, leadIdOf(second)))?.promised).toBe(true);
    await expectDeliveredOnce(second, company);
  });
});

describe('202 is told of a lead that is promised', () => {
  test.each(['FAILED', 'ABANDONED', 'PARKED'] as const)(
    'one that joins a lead which is %s in that moment has a lead of its own',
    async (state) => {
      const company = await waitingCompany();
      const waiting = submit(local, company);
      const leadId = await jobIn(company);
      const job: LeadJob = (await (await queues.of(company)).getJob(leadId))?.data;
      const { companyId, dialerId, campaignId, payload, phoneDigest, phoneLast2 } = job;
      const now = new Date();
      await system.database.lead.create({
        data: {
          ...{ id: leadId, companyId, dialerId, campaignId, payload, phoneDigest, phoneLast2, state },
          ...{ receivedAt: now, deadline: now, expiresAt: now, dueAt: now },
          // It had not ended when the request came.
          finishedAt: new Date(now.getTime() + 60_000),
        },
      });
      const answer = await submit(local, company, ASYNC);
      expect(answer.status).toBe(202);
      expect(leadIdOf(answer)).not.toBe(leadId);
      expect(await rowOf(system, leadIdOf(answer))).toMatchObject({ state: 'QUEUED', promised: true });
      await expectDeliveredOnce(answer, company);
      await waiting;
    },
  );
});

test('a lead that somebody has joined is not withdrawn from the queue, and one that nobody has is', async () => {
  const company = await waitingCompany();
  const first = submit(local, company);
  const leadId = await jobIn(company);
  const queue = await queues.of(company);
  const own: LeadJob = (await queue.getJob(leadId))?.data;
  const joined = submit(local, company);
  await waitFor(async () => (await queues.redis.hget(queue.toKey(leadId), 'joined')) === '1');
  expect(await queues.producer.withdraw(own, true)).toBe(false);

  const alone = { ...own, leadId: newId(), joinKey: 'another request' };
  await queues.producer.add(alone);
  expect(await queues.producer.withdraw(alone, false)).toBe(true);
  expect(await queue.getJob(alone.leadId)).toBeUndefined();
  // A request that comes now finds nothing to join.
  expect(await queues.producer.findUnderWay(alone)).toBeUndefined();
  await givePermits(system, queues, company);
  expect((await Promise.all([first, joined])).map(({ status }) => status)).toEqual([200, 200]);
});
