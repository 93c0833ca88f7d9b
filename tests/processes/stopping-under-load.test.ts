import { type LeadAnswer, postLead } from '@live-feed/tools/demo/post-lead';
import type { AppProcess } from '@live-feed/tools/stack/app-process';
import { expect, test } from 'vitest';
import { leadNumber } from '../kit/http/client.ts';
import type { Company } from '../kit/system/company.ts';
import type { Queues } from '../kit/system/queues.ts';
import type { ProcessSystem } from '../kit/system/system.ts';
import { useSystem } from '../kit/system/use-system.ts';
import { waitFor } from '../kit/wait-for.ts';

/** A real ingress with many waiting callers, told to stop as a supervisor does. */

const CALLERS = 1_500;
/** The callers run on the same machine: more at once would keep a busy one from taking them. */
const AT_ONCE = 100;
/** Nothing was taken: the callers keep the machine busy as well. */
const REFUSED: ReadonlySet<number | null> = new Set([408, 429, 503]);

let system: ProcessSystem;
let queues: Queues;
let isStopping = false;

useSystem({ processes: true, ingresses: 1, workers: 0, companies: 1 }, (started) => {
  ({ system, queues } = started);
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
  const [ingress] = system.ingresses.awake();
  const [company] = system.companies;
  if (ingress === undefined || company === undefined) throw new Error('The system is not complete.');
  const answering: Promise<LeadAnswer>[] = [];
  const queue = await queues.of(company);
  while (answering.length < CALLERS) {
    for (let n = 0; n < AT_ONCE; n += 1) answering.push(untilTaken(ingress, company, answering.length));
    await waitFor(async () => (await queue.getWaitingCount()) >= answering.length, {
      what: 'all leads in the queue',
      timeoutMs: 180_000,
    });
  }
  isStopping = true;
  ingress.signal('SIGTERM');
  const answers = await Promise.all(answering);
  // A machine that is too busy for all of these promises gives the rest back, or does not know yet: every answer is true.
  const told = new Set(answers.map(({ status, code }) => `${status} ${code}`));
  for (const rare of ['503 GIVEN_BACK', '504 OUTCOME_UNKNOWN']) told.delete(rare);
  expect(told).toEqual(new Set(['504 OUTCOME_PENDING']));
  const idsOf = (...codes: string[]) =>
    new Set(answers.filter(({ code }) => codes.includes(String(code))).map(({ leadId }) => leadId));
  expect(await ingress.exited).toEqual({ code: 0, signal: null });
  const rows = await system.database.lead.findMany({
    where: { companyId: company.id, promised: true, state: 'QUEUED' },
    select: { id: true },
  });
  const kept = rows.map(({ id }) => id);
  expect([...idsOf('OUTCOME_PENDING')].filter((id) => !kept.includes(String(id)))).toEqual([]);
  const mayBeKept = idsOf('OUTCOME_PENDING', 'OUTCOME_UNKNOWN');
  expect(kept.filter((id) => !mayBeKept.has(id))).toEqual([]);
});
