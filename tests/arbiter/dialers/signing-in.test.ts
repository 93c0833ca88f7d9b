import { startRawServer } from '@live-feed/dialers/testing/raw-server';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { misbehave, simulator } from '../../kit/http/client.ts';
import { leadIdOf, rowOf, storedLeadIds, submit, untilState } from '../../kit/leads/lead-effects.ts';
import { adminOf } from '../../kit/processes/admin.ts';
import { useDatabase } from '../../kit/services/database.ts';
import { useRedis } from '../../kit/services/redis.ts';
import { addCompany, type Company } from '../../kit/system/company.ts';
import { openQueues, type Queues } from '../../kit/system/queues.ts';
import { type System, startSystem } from '../../kit/system/system.ts';
import { waitFor } from '../../kit/wait-for.ts';

/** Whatever happens while a worker signs in, no lead is lost, none is sent twice, and callers are told the truth. */

const database = useDatabase();
const redis = useRedis();
let system: System;
let queues: Queues;

beforeAll(async () => {
  system = await startSystem({ databaseUrl: database.url, redisUrl: redis.url, workers: 2 });
  queues = await openQueues(system);
});
afterAll(async () => {
  await queues?.close();
  await system?.stop();
});
beforeEach(() => misbehave(system, {}));

const addSigningIn = () => addCompany(system, { signsIn: 'with a JWT' });

/** A lead is delivered, and the dialing system has it once. */
async function delivers(company: Company, n: number): Promise<void> {
  const answer = await submit(system, company, n);
  expect(answer).toMatchObject({ status: 200, body: { success: true } });
  const ids = await storedLeadIds(system, company);
  expect(ids.filter((id) => id === leadIdOf(answer))).toHaveLength(1);
}

const fault = (company: Company, on: string, wrong: object, more: object = {}) => ({
  rules: [
    {
      on,
      match: on === 'upload' ? { campaignId: company.campaignId } : { clientId: company.id },
      ...more,
      fault: wrong,
    },
  ],
});

describe('a dialer that signs in with a JWT', () => {
  test('delivers, with one exchange for many leads', async () => {
    const company = await addSigningIn();
    const before = (await simulator(system, '/stats')).signIns.exchange;
    await delivers(company, 1);
    await Promise.all(Array.from({ length: 10 }, (_, n) => delivers(company, 10 + n)));
    expect((await simulator(system, '/stats')).signIns.exchange).toBe(before + 1);
  });

  test('token expired in mid-flight: the upload goes again, once, and the lead is there once', async () => {
    const company = await addSigningIn();
    await delivers(company, 1);
    await misbehave(system, fault(company, 'upload', { kind: 'expire' }, { times: 1 }));
    await delivers(company, 2);
    expect((await queues.standing(company)).heldForMs).toBe(0);
  });

  test('tokens that live for a second or two only', async () => {
    const company = await addSigningIn();
    await misbehave(system, { bearerLifeMs: 1_500 });
    for (let n = 0; n < 12; n += 1) await delivers(company, n);
  });

  test('refresh token lost: it is signed in to anew', async () => {
    const company = await addSigningIn();
    await delivers(company, 1);
    await misbehave(system, {
      rules: [
        ...fault(company, 'upload', { kind: 'expire' }, { times: 1 }).rules,
        ...fault(company, 'refresh', { kind: 'reset', when: 'afterStoring' }, { times: 1 }).rules,
      ],
    });
    await delivers(company, 2);
  });

  test('Redis that has lost its tokens', async () => {
    const company = await addSigningIn();
    await delivers(company, 1);
    for (const key of await queues.redis.keys('{lf:sign-in:*')) await queues.redis.del(key);
    await delivers(company, 2);
    await misbehave(system, fault(company, 'upload', { kind: 'expire' }, { times: 1 }));
    await delivers(company, 3);
  });

  test.each([
    ['signIn', { kind: 'status', status: 400, body: { error: 'invalid_grant' } }],
    ['exchange', { kind: 'status', status: 401 }],
  ])(
    'exchange refused, at %s: callers get 502, the dialer is held, another company is not',
    async (on, wrong) => {
      const company = await addSigningIn();
      const neighbour = await addSigningIn();
      await misbehave(system, fault(company, on, wrong));
      const answer = await submit(system, company, 1);
      expect(answer).toMatchObject({ status: 502, body: { code: 'DIALER_TOKEN_REFUSED', retryable: true } });
      expect((await queues.standing(company)).reason).toBe('token_refused');
      expect(await storedLeadIds(system, company)).toEqual([]);
      await delivers(neighbour, 1);
    },
  );

  test.each([
    ['throttled', { kind: 'status', status: 429, retryAfter: 2 }],
    ['failing', { kind: 'status', status: 503 }],
    ['behind a page', { kind: 'page', status: 403 }],
    ['broken off', { kind: 'reset' }],
    ['slow', { kind: 'delay', ms: 3_000 }],
  ])('exchange %s: the lead waits, and is delivered', async (_what, wrong) => {
    const company = await addSigningIn();
    await misbehave(system, fault(company, 'exchange', wrong, { times: 1 }));
    const answer = await submit(system, company, 1);
    expect([200, 504]).toContain(answer.status);
    await untilState(system, leadIdOf(answer), 'ACCEPTED');
    expect(await storedLeadIds(system, company)).toEqual([leadIdOf(answer)]);
  });

  test.each([
    ['refused', { kind: 'status', status: 401 }],
    ['told to wait for an hour', { kind: 'status', status: 429, retryAfter: 3_600 }],
  ])('exchange %s: once a person has tried the credential with success, leads go', async (_what, wrong) => {
    const company = await addSigningIn();
    const admin = adminOf(() => system.environment);
    await misbehave(system, fault(company, 'exchange', wrong));
    expect((await submit(system, company, 1)).status).toBe(502);
    await misbehave(system, {});
    expect((await admin(['dialer', 'test', company.id])).code).toBe(0);
    expect((await admin(['dialer', 'release', company.id])).code).toBe(0);
    await delivers(company, 2);
  });

  test('a read-back whose token has ended asks again', async () => {
    const company = await addSigningIn();
    await delivers(company, 1);
    await misbehave(system, {
      rules: [
        ...fault(company, 'upload', { kind: 'reset', when: 'afterStoring' }, { times: 1 }).rules,
        { on: 'readBack', match: { campaignId: company.campaignId }, times: 1, fault: { kind: 'expire' } },
      ],
    });
    await delivers(company, 2);
  });

  test('a dialer at another host is sent neither the lead nor a token', async () => {
    const elsewhere = await startRawServer();
    const baseUrl = `http://127.0.0.1:${elsewhere.port}/voice/api`;
    const company = await addCompany(system, { signsIn: 'with a JWT', baseUrl });
    const answer = await submit(system, company, 1, { prefer: 'respond-async' });
    expect(answer.status).toBe(202);
    await waitFor(async () => ((await rowOf(system, leadIdOf(answer)))?.attempt ?? 0) >= 2, {
      what: 'a second attempt',
      timeoutMs: 45_000,
    });
    expect(elsewhere.connections).toEqual([]);
  });

  test('a worker that stops while it signs in leaves that to others at once', async () => {
    const company = await addSigningIn();
    await misbehave(system, fault(company, 'exchange', { kind: 'hang' }, { times: 1 }));
    const answer = submit(system, company, 1);
    const claims = () => queues.redis.keys('{lf:sign-in:*}:claim');
    await waitFor(async () => (await claims()).length > 0, { what: 'a worker that signs in' });
    await system.addWorker();
    for (const worker of system.workers) await worker.stop();
    expect(await claims()).toEqual([]);
    expect((await answer).status).toBe(200);
  });
});
