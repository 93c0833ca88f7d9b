import { describe, expect, test } from 'vitest';
import { misbehave } from '../../kit/http/client.ts';
import { leadIdOf, storedLeadIds, submit, untilState } from '../../kit/leads/lead-effects.ts';
import { addCompany, type Company } from '../../kit/system/company.ts';
import { addCompanyWithoutPermits, givePermits } from '../../kit/system/company-without-permits.ts';
import type { Queues } from '../../kit/system/queues.ts';
import type { System } from '../../kit/system/system.ts';
import { useSystem } from '../../kit/system/use-system.ts';

/** Rows that say "there is something left to do" and have no job that would do it. */

let system: System;
let queues: Queues;
let rejectedOnce: Company;

useSystem({ environment: { INGRESS_DEADLINE_MS: '3000' } }, async (started) => {
  ({ system, queues } = started);
  rejectedOnce = await addCompany(system);
  const { campaignId } = rejectedOnce;
  const fault = { kind: 'reject', message: 'The list is locked' };
  await misbehave(system, { rules: [{ on: 'upload', match: { campaignId }, times: 1, fault }] });
});

describe('a lead that was promised gets its job back', () => {
  test.concurrent('a job was removed by hand', async () => {
    const company = await addCompanyWithoutPermits(system, queues);
    const queue = await queues.of(company);
    const answer = await submit(system, company, 1);
    expect(answer.status).toBe(504);
    const leadId = leadIdOf(answer);
    await queue.remove(leadId);
    await givePermits(system, queues, company);
    await untilState(system, leadId, 'ACCEPTED');
    expect(await storedLeadIds(system, company)).toEqual([leadId]);
  });

  test.concurrent('a finished job of that lead is in the way', async () => {
    const answer = await submit(system, rejectedOnce, 1);
    expect(answer).toMatchObject({ status: 502, body: { code: 'DIALER_REJECTED' } });
    const leadId = leadIdOf(answer);
    // What a person does who has unlocked the list.
    await system.database.lead.update({
      where: { id: leadId },
      data: { state: 'QUEUED', promised: true, dueAt: new Date(0), finishedAt: null },
    });
    await untilState(system, leadId, 'ACCEPTED');
    expect(await storedLeadIds(system, rejectedOnce)).toEqual([leadId]);
  });
});
