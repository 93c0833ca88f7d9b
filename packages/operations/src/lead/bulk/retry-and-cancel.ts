import { giveBackThese } from '@live-feed/database/leads/draining';
import { retryParked } from '@live-feed/database/leads/parked-leads';
import { z } from 'zod';
import { ofCompany } from '../../operation.ts';
import { triedForInput } from '../lead-changes.ts';
import { discardJobs, queueLeads } from '../lead-queue.ts';
import { bulkInput, resultOf, throughLeads } from './through-leads.ts';

/** Retrying parked leads and taking promised ones back, all that a filter fits. */

export const leadRetryAll = ofCompany({
  name: 'lead.retry-all',
  summary:
    'retries the parked leads that a filter fits, at most 10,000 a call; those that may have been taken are verified before they are sent',
  role: 'operator',
  watched: true,
  route: 'POST /companies/:company/leads/retry',
  input: z.object({ ...bulkInput, triedForMs: triedForInput.default(3_600_000) }),
  async run(context, input, company) {
    const { dryRun, triedForMs } = input;
    const going = { QUEUED: 0, UNKNOWN: 0 };
    let queued = true;
    const passed = await throughLeads(
      context,
      input,
      company,
      { states: ['PARKED'] },
      dryRun
        ? undefined
        : async (leads) => {
            const seen = leads.map(({ id, attempt }) => ({ id, attempt }));
            const retried = await retryParked(context.database, seen, triedForMs);
            for (const { state } of retried) if (state === 'QUEUED' || state === 'UNKNOWN') going[state] += 1;
            const ids = retried.map(({ id }) => id);
            queued = (await queueLeads(context, ids)) && queued;
          },
    );
    const { QUEUED: sentAgain, UNKNOWN: askedAbout } = going;
    const staying = dryRun ? 0 : passed.found - sentAgain - askedAbout;
    context.record({ after: { ...resultOf(passed), sentAgain, askedAbout, staying } });
    /** `staying`: sent to another account than the dialer has now, or changed by somebody else. */
    return { company, dryRun, ...passed, sentAgain, askedAbout, staying, queued };
  },
});

export const leadCancelAll = ofCompany({
  name: 'lead.cancel-all',
  summary: 'gives back the promised leads that a filter fits and that were not sent, at most 10,000 a call',
  role: 'operator',
  watched: true,
  route: 'POST /companies/:company/leads/cancel',
  input: z.object(bulkInput),
  async run(context, input, company) {
    const { dryRun } = input;
    let givenBack = 0;
    const passed = await throughLeads(
      context,
      input,
      company,
      { states: ['QUEUED'] },
      dryRun
        ? undefined
        : async (leads) => {
            const ids = leads.map(({ id }) => id);
            const ended = await giveBackThese(context.database, company.id, ids);
            givenBack += ended.length;
            await discardJobs(context, ended);
          },
    );
    const staying = dryRun ? 0 : passed.found - givenBack;
    context.record({ after: { ...resultOf(passed), givenBack, staying } });
    /** `staying`: their callers still wait, or a worker was faster. */
    return { company, dryRun, ...passed, givenBack, staying };
  },
});
