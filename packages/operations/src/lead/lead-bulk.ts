import type { LeadState } from '@live-feed/core/lead/lead-state';
import type { CompanyRecord } from '@live-feed/database/directory/companies';
import { giveBackThese } from '@live-feed/database/leads/draining';
import { retryParked } from '@live-feed/database/leads/parked-leads';
import { type FoundLead, findLeadPage } from '@live-feed/database/leads/search/lead-search';
import { z } from 'zod';
import { idInput } from '../inputs/inputs.ts';
import { type Context, ofCompany } from '../operation.ts';
import { triedForInput } from './lead-changes.ts';
import { companyFilter, readFilter } from './lead-filter.ts';
import { queueLeads, withProducer } from './lead-queue.ts';

/** Changes of all leads that a filter fits, newest first. A call takes up to 10,000 and says where the next one goes on. */

const MOST = 10_000;
const BATCH = 500;

/** Members of a bulk operation's input. */
export const bulkInput = {
  ...companyFilter,
  dryRun: z.boolean().default(false).describe('only count the leads'),
  beforeId: idInput('where the call before ended').optional(),
};

const bulkFilter = z.object(bulkInput);
type Bulk = z.output<typeof bulkFilter>;

export interface Passed {
  /** Leads that the filter fits, among those looked at. */
  readonly found: number;
  /** `beforeId` of the next call; null: all were looked at. */
  readonly next: string | null;
}

/**
 * Goes through the leads in those states that the filter fits. Stops after the present batch when nobody waits any more.
 *
 * @param states of which the filter's may be some
 * @param work on a batch; undefined: only count
 */
export async function throughLeads(
  context: Pick<Context, 'database' | 'digests' | 'signal' | 'progress'>,
  { beforeId, ...given }: Bulk,
  company: CompanyRecord,
  states: readonly LeadState[],
  work: ((leads: readonly FoundLead[]) => Promise<void>) | undefined,
): Promise<Passed> {
  const { database, signal, progress } = context;
  const wanted = given.states?.filter((state) => states.includes(state)) ?? states;
  if (wanted.length === 0) return { found: 0, next: null };
  const filter = { ...readFilter(context, given, company.id), states: wanted };
  let found = 0;
  let next = beforeId;
  do {
    const limit = Math.min(BATCH, MOST - found);
    const page = await findLeadPage(database, filter, { olderThan: next, limit });
    if (page.leads.length > 0) await work?.(page.leads);
    found += page.leads.length;
    next = page.next;
    progress(found, found);
  } while (next !== undefined && found < MOST && !signal.aborted);
  return { found, next: next ?? null };
}

export const leadRetryAll = ofCompany({
  name: 'lead.retry-all',
  summary:
    'retries the parked leads that a filter fits, at most 10,000 a call; those that may have been taken are verified before they are sent',
  role: 'operator',
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
      ['PARKED'],
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
    context.record({ after: { dryRun, found: passed.found, sentAgain, askedAbout, staying } });
    /** `staying`: sent to another account than the dialer has now, or changed by somebody else. */
    return { company, dryRun, ...passed, sentAgain, askedAbout, staying, queued };
  },
});

export const leadCancelAll = ofCompany({
  name: 'lead.cancel-all',
  summary: 'gives back the promised leads that a filter fits and that were not sent, at most 10,000 a call',
  role: 'operator',
  route: 'POST /companies/:company/leads/cancel',
  input: bulkFilter,
  async run(context, input, company) {
    const { dryRun } = input;
    let givenBack = 0;
    const passed = await throughLeads(
      context,
      input,
      company,
      ['QUEUED'],
      dryRun
        ? undefined
        : async (leads) => {
            const ids = leads.map(({ id }) => id);
            const ended = await giveBackThese(context.database, company.id, ids);
            givenBack += ended.length;
            // A job that stays does no harm: the worker that takes it finds the end in the row.
            await withProducer(context, (producer) =>
              Promise.all(ended.map(({ dialerId, id }) => producer.discard(dialerId, id))),
            ).catch(() => undefined);
          },
    );
    const staying = dryRun ? 0 : passed.found - givenBack;
    context.record({ after: { dryRun, found: passed.found, givenBack } });
    /** `staying`: their callers still wait, or a worker was faster. */
    return { company, dryRun, ...passed, givenBack, staying };
  },
});
