import { newId } from '@live-feed/core/ids';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { misbehave, simulator } from '../../kit/http/client.ts';
import { storedLeadIds, submit, untilState } from '../../kit/leads/lead-effects.ts';
import { leadJobOf } from '../../kit/leads/lead-job.ts';
import { addCompany, type Company, simulatedBaseUrl } from '../../kit/system/company.ts';
import type { Queues } from '../../kit/system/queues.ts';
import type { System } from '../../kit/system/system.ts';
import { useSystem } from '../../kit/system/use-system.ts';
import { waitFor } from '../../kit/wait-for.ts';

/**
 * The clock of PostgreSQL is set forward while an upload is under way: to a row that is the same as if all its times were earlier, and so
 * they are moved here. The dialing system stores the lead after its caller has given up, so an absence that counts too early sends it twice.
 */

let system: System;
let queues: Queues;
let company: Company;

useSystem({ environment: { INGRESS_DEADLINE_MS: '25000' } }, (started) => {
  ({ system, queues } = started);
});
beforeEach(async () => {
  company = await addCompany(system);
});
afterEach(() => misbehave(system, {}));

const HOUR = "interval '1 hour'";

/** All times of the lead but its deadline, which the clock's step would only make it miss. */
async function setClockForward(leadId: string): Promise<void> {
  await system.database.$executeRawUnsafe(
    `UPDATE leads SET send_by = send_by - ${HOUR}, due_at = due_at - ${HOUR} WHERE id = '${leadId}'`,
  );
}

const storedLate = { on: 'upload', times: 1, fault: { kind: 'delay', ms: 1_600 } };

test('absence does not count too early for an attempt that this worker has made', async () => {
  await misbehave(system, { rules: [{ ...storedLate, match: { campaignId: company.campaignId } }] });
  const answering = submit(system, company, 1);
  const underWay = { companyId: company.id, state: 'SENDING' } as const;
  const row = await waitFor(() => system.database.lead.findFirst({ where: underWay }));
  await setClockForward(row.id);
  expect((await answering).status).toBe(200);
  expect(await storedLeadIds(system, company)).toEqual([row.id]);
});

/** Another worker has begun to send a lead an hour ago by the time of day, and died. @param absentInMs by the steady clock */
async function leadOfAnotherWorker(absentInMs: bigint): Promise<string> {
  const job = leadJobOf(system, company, PHONE, 25_000);
  const [clock] = await system.database.steadyClock.findMany();
  const { leadId, payload, phoneDigest, phoneLast2, dialerId, campaignId, companyId } = job;
  await system.database.lead.create({
    data: {
      ...{ id: leadId, payload, phoneDigest, phoneLast2, dialerId, campaignId, companyId },
      ...{ state: 'SENDING', attempt: 1, uploadIds: [newId()], promised: true },
      ...{ receivedAt: new Date(), deadline: new Date(job.deadlineMs), expiresAt: new Date(job.expiresAtMs) },
      ...{ sendBy: new Date(Date.now() - 3_600_000), dueAt: new Date(Date.now() + 3_600_000) },
      absentFrom: (clock?.elapsedMs ?? 0n) + absentInMs,
    },
  });
  await queues.producer.add(job);
  return leadId;
}

const UPLOAD_OPTIONS = {
  dialPriority: 'IMMEDIATE',
  duplicateHandling: 'RETAIN_ALL',
  listState: 'ACTIVE',
  timeZoneOption: 'NPA_NXX',
};
const PHONE = '5551230001';
const readBacks = async () => (await simulator(system, '/stats')).requests.readBack;

test('nor for one that another worker has made, which may still be under way', async () => {
  const before = await readBacks();
  const leadId = await leadOfAnotherWorker(4_000n);
  await waitFor(async () => (await readBacks()) > before);
  // What the other worker had sent arrives.
  const account = `${simulatedBaseUrl(system)}/v1/admin/accounts/${company.campaignId}`;
  const sent = await fetch(`${account}/campaigns/${company.campaignId}/leadLoader/direct`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'x-auth-token': 'aws80:0c5a1d52-8f7e-4b11-9d35-6c1f0a7e2b90',
    },
    body: JSON.stringify({ ...UPLOAD_OPTIONS, uploadLeads: [{ externId: leadId, leadPhone: PHONE }] }),
  });
  expect(sent.status).toBe(200);
  expect((await untilState(system, leadId, 'ACCEPTED')).outcomeSource).toBe('read-back');
  expect(await storedLeadIds(system, company)).toEqual([leadId]);
});

test('a lead is sent by the worker that takes it over, once enough time has passed by the steady clock', async () => {
  const leadId = await leadOfAnotherWorker(-1_000n);
  expect(await untilState(system, leadId, 'ACCEPTED')).toMatchObject({ attempt: 2, outcomeSource: 'answer' });
  expect(await storedLeadIds(system, company)).toEqual([leadId]);
});
