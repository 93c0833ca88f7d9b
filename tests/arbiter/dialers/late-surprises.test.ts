import type { LeadJob } from '@live-feed/core/lead/lead-job';
import { abandon } from '@live-feed/database/leads/lead-transitions';
import { describe, expect, test } from 'vitest';
import { storedLeadIds, untilState } from '../../kit/leads/lead-effects.ts';
import { leadJobOf } from '../../kit/leads/lead-job.ts';
import { addCompany, type Company } from '../../kit/system/company.ts';
import type { Queues } from '../../kit/system/queues.ts';
import type { System } from '../../kit/system/system.ts';
import { useSystem } from '../../kit/system/use-system.ts';
import { waitFor } from '../../kit/wait-for.ts';

/** Jobs whose ingress is gone: nobody was told anything of these leads, and nobody waits for them. */

let system: System;
let queues: Queues;
let company: Company;

useSystem({ ingresses: 0 }, async (started) => {
  ({ system, queues } = started);
  company = await addCompany(system);
});

async function untilFinished({ leadId }: LeadJob): Promise<void> {
  const queue = await queues.of(company);
  await waitFor(async () => (await queue.getJobState(leadId)) === 'completed', {
    what: 'the end of the job',
  });
}

describe('nobody whose ingress died gets a late surprise', () => {
  test.concurrent.each([
    { when: 'long past its deadline', deadlineInMs: -60_000 },
    { when: 'past its deadline, but perhaps about to be promised', deadlineInMs: -100 },
    { when: 'so late that its answer could not arrive in time', deadlineInMs: 900 },
  ])('a job taken $when is abandoned unsent', async ({ deadlineInMs }) => {
    const job = leadJobOf(system, company, '5551230001', deadlineInMs);
    await queues.producer.add(job);
    expect((await untilState(system, job.leadId, 'ABANDONED')).reason).toBe('DEADLINE_PASSED');
    await untilFinished(job);
    expect(await storedLeadIds(system, company)).not.toContain(job.leadId);
  });

  test.concurrent('a lead that was given back is not sent, though its job had got into the queue', async () => {
    const job = leadJobOf(system, company, '5551230002', 30_000);
    expect((await abandon(system.database, job)).state).toBe('ABANDONED');
    await queues.producer.add(job);
    await untilFinished(job);
    expect(await storedLeadIds(system, company)).not.toContain(job.leadId);
  });
});
