import { type LeadAnswer, postLead } from '@live-feed/tools/demo/post-lead';
import type { AppProcess } from '@live-feed/tools/stack/app-process';
import { expect, test } from 'vitest';
import { leadNumber } from '../kit/http/client.ts';
import type { Company } from '../kit/system/company.ts';
import type { Fleet } from '../kit/system/fleet.ts';
import { useFleet } from '../kit/system/use-fleet.ts';
import { waitFor } from '../kit/wait-for.ts';

/** A real ingress with many waiting callers, told to stop as a supervisor does. */

const CALLERS = 1_500;
/** Nothing was taken: the callers keep the machine busy as well. */
const REFUSED: ReadonlySet<number | null> = new Set([408, 429, 503]);

let fleet: Fleet;
let isStopping = false;

// The callers run on the same machine: nobody is to be refused because it is busy.
const environment = { INGRESS_MAX_LOOP_DELAY_MS: '0' };
useFleet({ ingresses: 1, workers: 0, companies: 1, environment }, (started) => {
  fleet = started;
});

/** Told that nothing was taken, a caller comes again. */
function untilTaken(ingress: AppProcess, { key, campaignId }: Company, n: number): Promise<LeadAnswer> {
  return waitFor(
    async () => {
      const answer = await postLead({ url: String(ingress.url), key, body: leadNumber(n, campaignId) });
      return REFUSED.has(answer.status) && !isStopping ? undefined : answer;
    },
    { what: 'a lead that is taken', timeoutMs: 180_000, everyMs: 500 },
  );
}

test('an ingress that stops answers all of its callers, and each 504 is of a lead that is on disk', async () => {
  const [ingress] = fleet.ingresses.awake();
  const [company] = fleet.companies;
  if (ingress === undefined || company === undefined) throw new Error('The fleet is not complete.');
  const answering: Promise<LeadAnswer>[] = [];
  for (let n = 0; n < CALLERS; n += 1) {
    answering.push(untilTaken(ingress, company, n));
  }
  const queue = await fleet.queues.of(company);
  await waitFor(async () => (await queue.getWaitingCount()) === CALLERS, {
    what: 'all leads in the queue',
    timeoutMs: 180_000,
  });
  isStopping = true;
  ingress.signal('SIGTERM');
  const answers = await Promise.all(answering);
  // A machine that is too busy for all of these promises gives the rest back: nobody is cut off, and nobody told what is not so.
  const told = new Set(answers.map(({ status, code }) => `${status} ${code}`));
  told.delete('503 GIVEN_BACK');
  expect(told).toEqual(new Set(['504 OUTCOME_PENDING']));
  const kept = answers.filter(({ status }) => status === 504);
  expect(await ingress.exited).toEqual({ code: 0, signal: null });
  const rows = await fleet.database.lead.findMany({
    where: { companyId: company.id, promised: true, state: 'QUEUED' },
    select: { id: true },
  });
  expect(new Set(rows.map(({ id }) => id))).toEqual(new Set(kept.map(({ leadId }) => leadId)));
});
