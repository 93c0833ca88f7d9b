import { newId } from '@live-feed/core/ids';
import { pauseCampaign, resumeCampaign } from '@live-feed/database/pauses/campaign-pauses';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Answer, callIngress, leadNumber, post } from '../../kit/http/client.ts';
import { leadIdOf, rowOf, storedLeadIds, untilAdmitted, untilState } from '../../kit/leads/lead-effects.ts';
import { adminOf } from '../../kit/processes/admin.ts';
import { useDatabase } from '../../kit/services/database.ts';
import { useRedis } from '../../kit/services/redis.ts';
import { addCompany, type Company } from '../../kit/system/company.ts';
import { addCompanyWithoutPermits, givePermits } from '../../kit/system/company-without-permits.ts';
import { openQueues, type Queues } from '../../kit/system/queues.ts';
import { type System, startSystem } from '../../kit/system/system.ts';
import { waitFor } from '../../kit/wait-for.ts';

/** One campaign is stopped alone: nothing of it is sent, and the dialer's other campaigns notice nothing. */

const database = useDatabase();
const redis = useRedis();
let system: System;
let queues: Queues;
const admin = adminOf(() => system.environment);

beforeAll(async () => {
  const environment = { INGRESS_DEADLINE_MS: '8000', INGRESS_MAX_BACKLOG: '20' };
  system = await startSystem({ databaseUrl: database.url, redisUrl: redis.url, environment, workers: 2 });
  queues = await openQueues(system);
});
afterAll(async () => {
  await queues?.close();
  await system?.stop();
});

const ASYNC = { prefer: 'respond-async' };

let calls = 0;
function submit(company: Company, campaignId: string, headers: Record<string, string> = {}): Promise<Answer> {
  calls += 1;
  const lead = leadNumber(calls, campaignId);
  return untilAdmitted(() => post(system, lead, { key: company.key, headers }));
}

/** A further campaign, on the same account. */
async function otherCampaign(company: Company): Promise<string> {
  const campaignId = `${company.campaignId}1`;
  await system.database.campaign.create({ data: { id: newId(), companyId: company.id, campaignId } });
  return campaignId;
}

/** Until an ingress that has looked the campaign up before knows of the change. */
function until(company: Company, code: string | undefined): Promise<Answer> {
  return waitFor(
    async () => {
      const answer = await submit(company, company.campaignId, { prefer: 'handling=dry-run' });
      return answer.body.code === code ? answer : undefined;
    },
    { what: `the answer ${code}`, timeoutMs: 30_000, everyMs: 200 },
  );
}

const pause = ({ id, campaignId }: Company, ...more: string[]) =>
  admin(['campaign', 'pause', id, campaignId, ...more]);
const resume = ({ id, campaignId }: Company) => admin(['campaign', 'resume', id, campaignId]);

describe('a campaign that refuses new leads', () => {
  test('tells when to come again, whoever asks; the other campaign is sent; resumed, it takes them', async () => {
    const company = await addCompany(system);
    const other = await otherCampaign(company);
    expect((await submit(company, company.campaignId)).status).toBe(200);
    expect(await pause(company, '--reason', 'wrong script')).toMatchObject({ code: 0, err: '' });
    const refused = await until(company, 'CAMPAIGN_PAUSED');
    expect([refused.status, refused.body.retryAfterSeconds]).toEqual([429, 60]);
    const [waits, keeps] = [
      await submit(company, company.campaignId),
      await submit(company, company.campaignId, ASYNC),
    ];
    for (const { status, body, headers } of [waits, keeps]) {
      expect([status, body.code, body.retryable]).toEqual([429, 'CAMPAIGN_PAUSED', true]);
      expect(headers.get('retry-after')).toBe('30');
    }
    expect((await submit(company, other)).status).toBe(200);
    const { data } = await admin(['campaign', 'list', company.id, '--json']);
    expect(data[0].pause).toMatchObject({ kind: 'refuse', because: 'wrong script', until: null });
    await resume(company);
    await until(company, undefined);
    expect((await submit(company, company.campaignId)).status).toBe(200);
  });

  test('its time is true, and it ends by itself', async () => {
    const company = await addCompany(system);
    const { id, campaignId } = company;
    await pauseCampaign(system.database, id, campaignId, { kind: 'refuse', forMs: 20_000, because: null });
    const { body } = await until(company, 'CAMPAIGN_PAUSED');
    expect(body.retryAfterSeconds).toBeGreaterThan(0);
    expect(body.retryAfterSeconds).toBeLessThanOrEqual(20);
    await until(company, undefined);
    expect((await submit(company, campaignId)).status).toBe(200);
  });
});

/** Pauses it, and waits until a worker puts its leads aside. */
async function pauseKeeping(company: Company): Promise<void> {
  await pause(company, '--keep');
  await waitFor(
    async () => {
      await submit(company, company.campaignId, ASYNC);
      return (await setAside(company)) > 0;
    },
    { what: 'a lead that was put aside', timeoutMs: 30_000, everyMs: 500 },
  );
}

async function setAside(company: Company): Promise<number> {
  return (await (await queues.of(company)).getJobCounts('delayed'))['delayed'] ?? 0;
}

describe('a campaign that keeps new leads', () => {
  test('takes those whose callers do not wait, sends none of them, and all once it is resumed', async () => {
    const company = await addCompany(system);
    const other = await otherCampaign(company);
    await pauseKeeping(company);
    const sentBefore = await storedLeadIds(system, company);
    expect((await submit(company, company.campaignId)).body.code).toBe('CAMPAIGN_PAUSED');
    const kept: Answer[] = [];
    for (let n = 0; n < 5; n += 1) kept.push(await submit(company, company.campaignId, ASYNC));
    expect(kept.map(({ status }) => status)).toEqual([202, 202, 202, 202, 202]);
    await waitFor(async () => (await setAside(company)) >= 6);
    expect((await submit(company, other)).status).toBe(200);
    for (const answer of kept) expect((await rowOf(system, leadIdOf(answer)))?.state).toBe('QUEUED');
    expect(await storedLeadIds(system, company)).toEqual(sentBefore);
    await resume(company);
    for (const answer of kept) await untilState(system, leadIdOf(answer), 'ACCEPTED');
    expect(await storedLeadIds(system, company)).toEqual(expect.arrayContaining(kept.map(leadIdOf)));
  });

  test('keeps no more than half of what may wait for the dialer, so that the others find room', async () => {
    const company = await addCompany(system);
    const other = await otherCampaign(company);
    await pauseKeeping(company);
    const statuses = [];
    for (let n = 0; n < 12; n += 1) statuses.push((await submit(company, company.campaignId, ASYNC)).status);
    expect(statuses.slice(-3)).toEqual([429, 429, 429]);
    // Those in a worker's hands are not counted.
    expect(await setAside(company)).toBeLessThan(15);
    expect((await submit(company, other)).status).toBe(200);
    await resumeCampaign(system.database, company.id, company.campaignId);
  });
});

/** Of the company's dialer, since that moment on the database's clock. */
function uploadsSince({ dialerId }: Company, since: Date): Promise<number> {
  return system.database.upload.count({ where: { dialerId, startedAt: { gt: since } } });
}

async function databaseNow(): Promise<Date> {
  const [row] = await system.database.$queryRaw<[{ now: Date }]>`SELECT clock_timestamp() AS now`;
  return row.now;
}

describe('under way when the campaign is paused', () => {
  test('nothing begins once the command has ended, while leads keep coming; all is sent when it is resumed', async () => {
    const company = await addCompany(system);
    const kept: string[] = [];
    let isStopping = false;
    const load = Array.from({ length: 4 }, async () => {
      while (!isStopping) {
        const { status, headers } = await submit(company, company.campaignId, ASYNC);
        if (status === 202) kept.push(String(headers.get('x-lead-id')));
      }
    });
    try {
      await waitFor(async () => (await storedLeadIds(system, company)).length > 0);
      await pause(company, '--keep');
      const since = await databaseNow();
      await waitFor(async () => (await setAside(company)) > 0, {
        what: 'leads that were put aside',
        timeoutMs: 60_000,
      });
      expect(await uploadsSince(company, since)).toBe(0);
    } finally {
      isStopping = true;
      await Promise.all(load);
    }
    await resume(company);
    for (const leadId of kept) await untilState(system, leadId, 'ACCEPTED');
    const stored = await storedLeadIds(system, company);
    expect(stored.toSorted()).toEqual(kept.toSorted());
  });

  /** Its lead waits in the queue, untried. */
  async function submitWaiting(company: Company, headers: Record<string, string> = {}) {
    const answer = submit(company, company.campaignId, headers);
    await waitFor(async () => (await (await queues.of(company)).getJobCounts('waiting'))['waiting'] === 1);
    return { answer };
  }

  test('a caller that waits is refused, its lead is never sent, and it can come again', async () => {
    const company = await addCompanyWithoutPermits(system, queues);
    const waiting = await submitWaiting(company);
    await pause(company, '--refuse', '--for', '1h');
    const refused = await waiting.answer;
    expect([refused.status, refused.body.code, refused.body.retryable]).toEqual([
      429,
      'CAMPAIGN_PAUSED',
      true,
    ]);
    expect(refused.body.retryAfterSeconds).toBeGreaterThan(60);
    const rows = await system.database.lead.findMany({ where: { companyId: company.id } });
    expect(rows).toMatchObject([{ state: 'ABANDONED', reason: 'GIVEN_BACK', attempt: 0 }]);
    await resume(company);
    await until(company, undefined);
    await givePermits(system, queues, company);
    const again = await submit(company, company.campaignId);
    expect(again.status).toBe(200);
    expect(await storedLeadIds(system, company)).toEqual([leadIdOf(again)]);
  });

  test.each([
    ['whose campaign keeps leads', ['--keep'], {}],
    ['whose lead was promised with a key', ['--refuse'], { 'idempotency-key': 'order-1' }],
  ])(
    'a caller %s is told that the lead is kept, its status says why, and it is sent once resumed',
    async (_name, how, headers) => {
      const company = await addCompanyWithoutPermits(system, queues);
      const waiting = await submitWaiting(company, headers);
      await pause(company, ...how);
      const pending = await waiting.answer;
      expect([pending.status, pending.body.code]).toEqual([504, 'OUTCOME_PENDING']);
      const status = () =>
        callIngress(system.ingresses[0]?.url ?? '', pending.body.statusUrl, {
          headers: { authorization: `Bearer ${company.key}` },
        });
      expect((await status()).body).toMatchObject({ state: 'QUEUED', campaignPause: { until: null } });
      await givePermits(system, queues, company);
      await resume(company);
      await untilState(system, leadIdOf(pending), 'ACCEPTED');
      expect((await status()).body).not.toHaveProperty('campaignPause');
      expect(await storedLeadIds(system, company)).toEqual([leadIdOf(pending)]);
    },
  );
});

describe('rename and remove', () => {
  test('a name of our own is shown, and stays when the dialing system lists another', async () => {
    const company = await addCompany(system);
    const { id, campaignId } = company;
    await admin(['campaign', 'rename', id, campaignId, 'Summer']);
    expect((await admin(['campaign', 'list', id])).out).toMatch(new RegExp(`^${campaignId} +Summer`, 'm'));
    await admin(['campaign', 'rename', id, campaignId]);
    expect((await admin(['campaign', 'list', id])).out).not.toContain('Summer');
  });

  test('one that a key is limited to, or that has leads under way, stays and says why', async () => {
    const company = await addCompany(system);
    const { id, campaignId } = company;
    const remove = () => admin(['campaign', 'remove', id, campaignId, '--yes']);
    const key = ['key', 'issue', id, '--campaigns', campaignId, '--label', 'vendor', '--json'];
    const { data } = await admin(key);
    expect(await remove()).toMatchObject({ code: 1, err: expect.stringContaining('keys name it: vendor') });
    await admin(['key', 'revoke', data.id]);
    await pauseKeeping(company);
    const kept = await submit(company, campaignId, ASYNC);
    expect(await remove()).toMatchObject({
      code: 1,
      err: expect.stringMatching(/of its leads are under way or parked/),
    });
    await resume(company);
    await untilState(system, leadIdOf(kept), 'ACCEPTED');
    expect(await remove()).toMatchObject({ code: 0 });
    expect((await admin(['campaign', 'list', id, '--json'])).data).toEqual([]);
  });
});
