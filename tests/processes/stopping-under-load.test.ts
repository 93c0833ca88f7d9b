import { expect, test } from 'vitest';
import { leadNumber } from '../support/client.ts';
import type { Fleet } from '../support/fleet.ts';
import { type RequestAnswer, submit } from '../support/load.ts';
import { useFleet } from '../support/use-fleet.ts';
import { waitFor } from '../support/wait-for.ts';

/** A real ingress with many waiting callers, told to stop as a supervisor does. */

const CALLERS = 1_500;

let fleet: Fleet;

useFleet({ ingresses: 1, workers: 0, companies: 1 }, (started) => {
  fleet = started;
});

test('an ingress that stops answers all of its callers, and each 504 is of a lead that is on disk', async () => {
  const [ingress] = fleet.ingresses;
  const [company] = fleet.companies;
  if (ingress === undefined || company === undefined) throw new Error('The fleet is not complete.');
  const answering: Promise<RequestAnswer>[] = [];
  for (let n = 0; n < CALLERS; n += 1) {
    answering.push(submit(ingress, company.key, leadNumber(n, company.campaignId)));
  }
  const queue = await fleet.queues.of(company);
  await waitFor(async () => (await queue.getWaitingCount()) === CALLERS, { what: 'all leads in the queue' });
  ingress.signal('SIGTERM');
  const answers = await Promise.all(answering);
  expect(new Set(answers.map(({ status, code }) => `${status} ${code}`))).toEqual(
    new Set(['504 OUTCOME_PENDING']),
  );
  expect(await ingress.exited).toEqual({ code: 0, signal: null });
  const rows = await fleet.system.database.lead.findMany({
    where: { companyId: company.id, promised: true, state: 'QUEUED' },
    select: { id: true },
  });
  expect(new Set(rows.map(({ id }) => id))).toEqual(new Set(answers.map(({ leadId }) => leadId)));
});
