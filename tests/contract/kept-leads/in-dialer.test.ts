import { setTimeout as delay } from 'node:timers/promises';
import { bucketFor } from '@live-feed/core/limits/rate-windows';
import { ringcx } from '@live-feed/dialers/families/ringcx/ringcx';
import { dialerAddress } from '@live-feed/queue/limits/dialer-address';
import { createPermits } from '@live-feed/queue/limits/permits';
import { closeRedis, connectRedis, whenReady } from '@live-feed/queue/redis/redis';
import { describe, expect, test } from 'vitest';
import { type Answer, callIngress, leadNumber, misbehave, post, simulator } from '../../kit/http/client.ts';
import { leadIdOf, rowOf, submit } from '../../kit/leads/lead-effects.ts';
import { addCompany, type Company, type CompanyOptions } from '../../kit/system/company.ts';
import type { Part } from '../../kit/system/parts.ts';
import type { Queues } from '../../kit/system/queues.ts';
import type { System } from '../../kit/system/system.ts';
import { useSystem } from '../../kit/system/use-system.ts';
import { waitFor } from '../../kit/wait-for.ts';

/** What a dialing system says of a lead that it has, and cancelling it there. */

let system: System;
let queues: Queues;
/** The last one that was added. */
let worker: Part | undefined;
const services = useSystem({}, (started) => {
  ({ system, queues } = started);
});

async function delivered(options: CompanyOptions = {}): Promise<{ company: Company; leadId: string }> {
  const company = await addCompany(system, options);
  const answer = await submit(system, company, 1);
  expect(answer.status).toBe(200);
  return { company, leadId: leadIdOf(answer) };
}

function ask(method: string, { key }: Company, leadId: string, query: string): Promise<Answer> {
  return callIngress(system.ingresses[0]?.url ?? '', `/live-feed/leads/${leadId}${query}`, {
    method,
    headers: { authorization: `Bearer ${key}` },
  });
}

const look = (company: Company, leadId: string) => ask('GET', company, leadId, '?inDialer=true');
const cancel = (company: Company, leadId: string) => ask('DELETE', company, leadId, '?inDialer=cancel');

/** What dialling has made of it. */
function dialled(leadId: string, progress: object) {
  return simulator(system, `/leads/${leadId}`, { method: 'PUT', body: JSON.stringify(progress) });
}

async function inSimulator({ campaignId }: Company, leadId: string): Promise<string> {
  const account = `/voice/api/v1/admin/accounts/${campaignId}/campaignLeads/leadSearch`;
  const response = await fetch(`${system.simulatorUrl}${account}`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'x-auth-token': 'aws80:0c5a1d52-8f7e-4b11-9d35-6c1f0a7e2b90',
    },
    body: JSON.stringify({ externIds: [leadId], suppressed: 'ALL' }),
  });
  const [found] = (await response.json()) as { leadState: string }[];
  return found?.leadState ?? 'none';
}

/** Faults of one company's account. */
const fault = ({ campaignId: accountId }: Company, on: string, kind: object) =>
  misbehave(system, { rules: [{ on, match: { accountId }, fault: kind }] });

const cancellations = async () => (await simulator(system, '/stats')).requests.leadActions as number;

describe('GET ?inDialer=true', () => {
  test('shows what the dialing system says, beside the status, and only if asked', async () => {
    const { company, leadId } = await delivered();
    const progress = {
      ...{ leadState: 'CALLBACK', leadPasses: 2, lastPassDisposition: 'BUSY' },
      ...{ lastPassDts: '2026-11-30T01:02:03Z', nextDialTime: '2026-11-30T05:00:00Z' },
    };
    await dialled(leadId, progress);
    const { status, body } = await look(company, leadId);
    expect([status, body]).toMatchObject([
      200,
      { leadId, state: 'ACCEPTED', inDialer: { answer: 'found', ...progress } },
    ]);
    for (const query of ['', '?inDialer=false']) {
      expect((await ask('GET', company, leadId, query)).body).not.toHaveProperty('inDialer');
    }
    expect((await ask('GET', company, leadId, '?inDialer=yes')).body).toMatchObject({
      code: 'VALIDATION_FAILED',
    });
  });

  test('a lead that was never sent is not there, without asking', async () => {
    const company = await addCompany(system);
    await (await queues.of(company)).pause();
    const headers = { prefer: 'respond-async' };
    const leadId = leadIdOf(
      await post(system, leadNumber(1, company.campaignId), { key: company.key, headers }),
    );
    expect((await look(company, leadId)).body).toMatchObject({
      state: 'QUEUED',
      inDialer: { answer: 'absent' },
    });
  });

  test.each<[string, object, object]>([
    ['THROTTLED', { kind: 'status', status: 429 }, {}],
    ['TOKEN_REFUSED', { kind: 'status', status: 401 }, {}],
    ['FAILED', { kind: 'status', status: 500 }, {}],
    ['FAILED', { kind: 'hang' }, {}],
    ['CANNOT', { kind: 'status', status: 500 }, { family: 'newbridge' }],
  ])('%s: the status without it, and why (%j)', async (reason, kind, options) => {
    const { company, leadId } = await delivered(options);
    await fault(company, 'readBack', kind);
    const { status, body } = await look(company, leadId);
    await misbehave(system, {});
    expect([status, body]).toMatchObject([
      200,
      { state: 'ACCEPTED', inDialer: { answer: 'unavailable', reason, message: expect.any(String) } },
    ]);
  });

  test('however many ask, read-backs of uploads keep half of the permits that both need', async () => {
    const { company, leadId } = await delivered();
    const dialer = await system.database.dialer.findUniqueOrThrow({ where: { id: company.dialerId } });
    const redis = connectRedis(services.redis.url, 'requests', () => {});
    await whenReady(redis, 5_000);
    const permits = createPermits(redis, 'read-back');
    const bucket = bucketFor(ringcx.windows.readBack);
    let granted = 0;
    let looks = 0;
    const asking = Array.from({ length: 3 }, async () => {
      while (granted < 6) if ((await look(company, leadId)).body.inDialer?.answer === 'found') looks += 1;
    });
    while (granted < 6) {
      const { kind } = await permits.take(dialerAddress(dialer), bucket, 1);
      if (kind === 'granted') granted += 1;
      await delay(20);
    }
    await Promise.all(asking);
    await closeRedis(redis);
    // Those under way at the end, and a burst.
    expect(looks).toBeLessThanOrEqual(granted + 3 + bucket.burst);
  });

  test('a lead that was sent to another account is not looked for on this one', async () => {
    const { company, leadId } = await delivered();
    await system.database.lead.update({ where: { id: leadId }, data: { sentTo: 'ringcx elsewhere 1' } });
    expect((await look(company, leadId)).body.inDialer).toMatchObject({ reason: 'OTHER_ACCOUNT' });
    expect(await cancel(company, leadId)).toMatchObject({ status: 502, body: { code: 'DIALER_NOT_ASKED' } });
  });
});

describe('DELETE ?inDialer=cancel', () => {
  test('cancels a lead that the dialing system has, and says the same again', async () => {
    const { company, leadId } = await delivered();
    await dialled(leadId, { leadPasses: 1, lastPassDisposition: 'NOANSWER' });
    for (const _time of ['once', 'twice']) {
      expect(await cancel(company, leadId)).toMatchObject({
        status: 200,
        body: { state: 'ACCEPTED', inDialer: { answer: 'cancelled', leadState: 'CANCELLED', leadPasses: 1 } },
      });
    }
    expect(await inSimulator(company, leadId)).toBe('CANCELLED');
    expect((await look(company, leadId)).body.inDialer).toMatchObject({ leadState: 'CANCELLED' });
  });

  test('without the parameter such a lead stays as it is', async () => {
    const { company, leadId } = await delivered();
    expect(await ask('DELETE', company, leadId, '')).toMatchObject({
      status: 409,
      body: { code: 'NOT_GIVEN_BACK' },
    });
    expect(await inSimulator(company, leadId)).toBe('READY');
  });

  test('only that lead', async () => {
    const { company, leadId } = await delivered();
    const other = leadIdOf(await submit(system, company, 2));
    await cancel(company, leadId);
    expect(await inSimulator(company, other)).toBe('READY');
  });

  test('a promised lead that was not sent is given back, as without it', async () => {
    const company = await addCompany(system);
    await (await queues.of(company)).pause();
    const headers = { prefer: 'respond-async' };
    const leadId = leadIdOf(
      await post(system, leadNumber(1, company.campaignId), { key: company.key, headers }),
    );
    expect(await cancel(company, leadId)).toMatchObject({
      status: 200,
      body: { state: 'ABANDONED', inDialer: { answer: 'absent' } },
    });
    expect(await rowOf(system, leadId)).toMatchObject({ state: 'ABANDONED' });
  });

  test('too late: a lead whose dialing has ended keeps its state', async () => {
    const { company, leadId } = await delivered();
    await dialled(leadId, { leadState: 'COMPLETE', lastPassDisposition: 'ANSWER : Sale' });
    expect(await cancel(company, leadId)).toMatchObject({
      status: 409,
      body: {
        ...{ code: 'DIALER_LEAD_ENDED', retryable: false, statusUrl: `/live-feed/leads/${leadId}` },
        inDialer: { answer: 'found', leadState: 'COMPLETE', lastPassDisposition: 'ANSWER : Sale' },
      },
    });
    expect(await inSimulator(company, leadId)).toBe('COMPLETE');
  });

  test('not found', async () => {
    const { company, leadId } = await delivered();
    await fault(company, 'readBack', { kind: 'lag', ms: 60_000 });
    const answer = await cancel(company, leadId);
    await misbehave(system, {});
    expect(answer).toMatchObject({
      status: 409,
      body: { code: 'DIALER_LEAD_ABSENT', inDialer: { answer: 'absent' } },
    });
  });

  test('a dialing system that cannot is named', async () => {
    const { company, leadId } = await delivered({ family: 'newbridge' });
    expect(await cancel(company, leadId)).toMatchObject({
      status: 409,
      body: { code: 'DIALER_CANNOT_CANCEL', inDialer: { reason: 'CANNOT' } },
    });
  });

  test.each<[string, string, object, object]>([
    [
      'is refused',
      'leadActions',
      { kind: 'status', status: 401 },
      { status: 502, body: { code: 'DIALER_NOT_ASKED' } },
    ],
    [
      'is throttled',
      'leadActions',
      { kind: 'status', status: 429 },
      { status: 502, body: { code: 'DIALER_NOT_ASKED' } },
    ],
    [
      'cannot be looked for',
      'readBack',
      { kind: 'status', status: 500 },
      { status: 502, body: { retryable: true } },
    ],
  ])('%s: it was not cancelled, and may be tried again', async (_case, on, kind, expected) => {
    const { company, leadId } = await delivered();
    await fault(company, on, kind);
    const answer = await cancel(company, leadId);
    await misbehave(system, {});
    expect(answer).toMatchObject(expected);
    expect(await inSimulator(company, leadId)).toBe('READY');
    expect((await cancel(company, leadId)).status).toBe(200);
  });

  test('an answer that is lost is looked up', async () => {
    const { company, leadId } = await delivered();
    await fault(company, 'leadActions', { kind: 'reset', when: 'afterStoring' });
    const answer = await cancel(company, leadId);
    await misbehave(system, {});
    expect(answer).toMatchObject({ status: 200, body: { inDialer: { answer: 'cancelled' } } });
  });

  test('where it is not known, that is said, and repeating it is safe', async () => {
    const { company, leadId } = await delivered();
    await fault(company, 'leadActions', { kind: 'reset', when: 'beforeStoring' });
    const answer = await cancel(company, leadId);
    await misbehave(system, {});
    expect(answer).toMatchObject({
      status: 504,
      body: { code: 'CANCELLATION_UNKNOWN', retryable: true, statusUrl: expect.any(String) },
    });
    expect((await cancel(company, leadId)).status).toBe(200);
  });

  test('where Redis does not say in time whether it took the request, that is not known either', async () => {
    const { company, leadId } = await delivered();
    services.redis.server.freeze();
    const answer = await cancel(company, leadId).finally(() => services.redis.server.thaw());
    expect(answer).toMatchObject({ status: 504, body: { code: 'CANCELLATION_UNKNOWN' } });
    await waitFor(async () => (await cancel(company, leadId)).status === 200);
  });

  test('one company has only a few asked about at once; the others wait for none of it', async () => {
    const { company, leadId } = await delivered();
    const other = await delivered();
    await fault(company, 'readBack', { kind: 'delay', ms: 700 });
    const many = Promise.all(Array.from({ length: 8 }, () => look(company, leadId)));
    expect((await look(other.company, other.leadId)).body.inDialer).toMatchObject({ answer: 'found' });
    const answers = await many;
    await misbehave(system, {});
    const refused = answers.filter(({ status }) => status === 429);
    expect(refused.length).toBeGreaterThan(0);
    expect(refused[0]).toMatchObject({ body: { code: 'TOO_MANY_DIALER_REQUESTS', retryAfterSeconds: 1 } });
  });

  test('without a worker nothing is known, and nothing is done later', async () => {
    const { company, leadId } = await delivered();
    const before = await cancellations();
    await Promise.all(system.workers.map((worker) => worker.stop()));
    const [looked, cancelled] = await Promise.all([look(company, leadId), cancel(company, leadId)]);
    expect(looked).toMatchObject({ status: 200, body: { inDialer: { reason: 'NO_ANSWER' } } });
    expect(cancelled).toMatchObject({ status: 504, body: { code: 'CANCELLATION_UNKNOWN' } });
    worker = await system.addWorker();
    const later = leadIdOf(await submit(system, company, 2));
    await waitFor(async () => (await cancel(company, later)).status === 200);
    expect(await inSimulator(company, leadId)).toBe('READY');
    expect((await cancellations()) - before).toBe(1);
  });

  test('a worker that is to stop says that it did not ask, not that the dialing system would not answer', async () => {
    const { company, leadId } = await delivered();
    await fault(company, 'readBack', { kind: 'delay', ms: 700 });
    const searches = async () => (await simulator(system, '/stats')).requests.readBack as number;
    const before = await searches();
    const answer = cancel(company, leadId);
    await waitFor(async () => (await searches()) > before);
    await worker?.stop();
    expect(await answer).toMatchObject({
      status: 502,
      body: { code: 'DIALER_NOT_ASKED', inDialer: { reason: 'NOT_ASKED' } },
    });
    expect(await inSimulator(company, leadId)).toBe('READY');
  });
});
