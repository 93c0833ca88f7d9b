import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { misbehave, simulator } from '../../kit/http/client.ts';
import { leadIdOf, rowOf, storedLeadIds, submit, untilState } from '../../kit/leads/lead-effects.ts';
import { addCompany, type Company } from '../../kit/system/company.ts';
import type { Part } from '../../kit/system/parts.ts';
import type { System } from '../../kit/system/system.ts';
import { useSystem } from '../../kit/system/use-system.ts';
import { waitFor } from '../../kit/wait-for.ts';

/**
 * PostgreSQL has lost its last writes, as after a failover to a standby without them: the rows of leads under way are taken away, or back to
 * what they were before their upload. The dialing system has the leads.
 */

let system: System;
let company: Company;
let worker: Part | undefined;

useSystem(
  { workers: 0, environment: { INGRESS_DEADLINE_MS: '25000', WORKER_LOCK_MS: '1000' } },
  (started) => {
    ({ system } = started);
  },
);
beforeEach(async () => {
  company = await addCompany(system);
});
afterEach(async () => {
  await worker?.stop();
  worker = undefined;
  await misbehave(system, {});
});

const losses = {
  'has no row': (id: string) => system.database.lead.delete({ where: { id } }),
  'has the row of before its upload': (id: string) =>
    system.database.lead.update({
      where: { id },
      data: { state: 'QUEUED', attempt: 0, sendBy: null, absentFrom: null, sentTo: null, uploadIds: [] },
    }),
};

const faults = {
  'its answer arrives': { kind: 'delay', ms: 700 },
  'its answer is lost': { kind: 'hang', when: 'afterStoring' },
};

type Loss = keyof typeof losses;
type Fault = keyof typeof faults;
const cases = (Object.keys(losses) as Loss[]).flatMap((loss) =>
  (Object.keys(faults) as Fault[]).map((fault) => ({ loss, fault })),
);

async function leadUnderWay(): Promise<string> {
  const { id } = await waitFor(
    () => system.database.lead.findFirst({ where: { companyId: company.id, state: 'SENDING' } }),
    { what: 'an upload', timeoutMs: 60_000 },
  );
  await waitFor(async () => (await simulator(system, '/stats')).requests.upload > 0);
  return id;
}

describe('a lead that was sent is not sent again because its row is lost', () => {
  test.each(cases)('$fault, and the database $loss', async ({ loss, fault }) => {
    const match = { campaignId: company.campaignId };
    await misbehave(system, { rules: [{ on: 'upload', match, times: 1, fault: faults[fault] }] });
    worker = await system.addWorker();
    const answering = submit(system, company, 1);
    const leadId = await leadUnderWay();
    await losses[loss](leadId);
    const answer = await answering;
    expect([answer.status, leadIdOf(answer)]).toEqual([200, leadId]);
    expect(await rowOf(system, leadId)).toMatchObject({ state: 'ACCEPTED', attempt: 1 });
    expect(await storedLeadIds(system, company)).toEqual([leadId]);
  });

  test.each(Object.keys(losses) as Loss[])(
    'nor if its worker died as well: the database %s',
    async (loss) => {
      const process = await system.addCrashingWorker('after the answer');
      const answering = submit(system, company, 1);
      await process.ended;
      const { id } = await waitFor(() =>
        system.database.lead.findFirst({ where: { companyId: company.id } }),
      );
      await losses[loss](id);
      worker = await system.addWorker();
      await answering;
      await untilState(system, id, 'ACCEPTED');
      expect(await storedLeadIds(system, company)).toEqual([id]);
    },
  );
});
