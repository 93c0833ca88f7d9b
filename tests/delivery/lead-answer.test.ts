import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { EXAMPLE, leadNumber, post, simulator } from '../kit/http/client.ts';
import { leadIdOf, untilAdmitted, untilState } from '../kit/leads/lead-effects.ts';
import { useDatabase } from '../kit/services/database.ts';
import { useRedis } from '../kit/services/redis.ts';
import { type System, startSystem } from '../kit/system/system.ts';
import { waitFor } from '../kit/wait-for.ts';

const database = useDatabase();
const redis = useRedis();
let system: System;

beforeAll(async () => {
  system = await startSystem({
    databaseUrl: database.url,
    redisUrl: redis.url,
    ingresses: 2,
    workers: 2,
    // Nothing here fails: a busy machine may take its time.
    environment: {
      ...{ INGRESS_DEADLINE_MS: '25000' },
      ...{ WORKER_SEND_WINDOW_MS: '5000', WORKER_UPLOAD_TIMEOUT_MS: '10000' },
    },
  });
});
afterAll(() => system?.stop());

describe('a lead goes in over HTTP and the dialing system’s answer comes back', () => {
  test('the documented example is answered with the documented body', async () => {
    const answer = await post(system, EXAMPLE);
    expect(answer.status).toBe(200);
    expect(answer.body.success).toBe(true);
    expect(answer.body.dialerResponse).toMatchObject({
      message: 'Your uploaded lead list has successfully completed processing',
      leadsSupplied: 1,
      leadsAccepted: 1,
      leadsInserted: 1,
      processingResult: 'OK',
      processingStatus: 'DEFAULT_NOT_A_FAILURE',
    });
    const leadId = answer.headers.get('x-lead-id');
    const { leads } = await simulator(system, `/leads?externId=${leadId}`);
    expect(leads).toHaveLength(1);
    const anis = await system.database.ani.findMany({ where: { company: { name: 'Demo RingCX' } } });
    expect(leads[0]).toMatchObject({
      externId: leadId,
      leadPhone: '5551234567',
      campaignId: '123456',
      family: 'ringcx',
    });
    expect(anis.map(({ phone }) => phone)).toContain(leads[0].callerId);
  });

  test('its deadline counts from the arrival of the request, not from the end of its look-ups', async () => {
    const answer = await post(system, leadNumber(2_000), { headers: { prefer: 'respond-async' } });
    const { receivedAt, deadline } = await untilState(system, leadIdOf(answer), 'ACCEPTED');
    expect(deadline.getTime() - receivedAt.getTime()).toBe(25_000);
  });

  test('the same through NewBridge', async () => {
    const answer = await post(
      system,
      { ...EXAMPLE, campaignId: system.seeded.campaigns.newbridge },
      { key: system.seeded.keys.newbridge },
    );
    expect(answer.status).toBe(200);
    const { leads } = await simulator(system, `/leads?externId=${answer.headers.get('x-lead-id')}`);
    expect(leads[0]).toMatchObject({ family: 'newbridge', leadPhone: '5551234567' });
  });

  test('two workers and two ingresses on one Redis deliver 1,000 leads once each, and tell their callers', {
    timeout: 180_000,
  }, async () => {
    const before = await simulator(system, '/stats');
    const numbers = Array.from({ length: 1_000 }, (_, n) => n);
    const answers = await Promise.all(
      numbers.map((n) => untilAdmitted(() => post(system, leadNumber(n), { ingress: n % 2 }))),
    );
    // A machine that needs longer than the deadline promises leads, and delivers them afterwards.
    const told = new Set(answers.map(({ status, body }) => body.code ?? status));
    told.delete('OUTCOME_PENDING');
    expect(told).toEqual(new Set([200]));
    const ids = answers.map(leadIdOf);
    expect(new Set(ids).size).toBe(1_000);
    const accepted = () => system.database.lead.count({ where: { id: { in: ids }, state: 'ACCEPTED' } });
    await waitFor(async () => (await accepted()) === 1_000, { what: 'the delivery of all leads' });
    const after = await simulator(system, '/stats');
    expect(after.leadsStored.held - before.leadsStored.held).toBe(1_000);
    expect(after.duplicateExternIds.total).toBe(0);
  });
});
