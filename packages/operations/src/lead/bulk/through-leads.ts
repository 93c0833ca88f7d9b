import type { LeadState } from '@live-feed/core/lead/lead-state';
import type { CompanyRecord } from '@live-feed/database/directory/companies';
import { type FoundLead, findLeadPage, type LeadFilter } from '@live-feed/database/leads/search/lead-search';
import { databaseNow } from '@live-feed/database/upkeep/retention-cutoff';
import { z } from 'zod';
import { idInput, momentInput } from '../../inputs/inputs.ts';
import type { Context } from '../../operation.ts';
import { companyFilter, readFilter } from '../lead-filter.ts';

/** Changes of all leads that a filter fits, newest first. A call takes up to 10,000 and says where the next one goes on. */

const MOST = 10_000;
const BATCH = 500;

/** Members of a bulk operation's input. */
export const bulkInput = {
  ...companyFilter,
  dryRun: z.boolean().default(false).describe('only count the leads'),
  countedAt: momentInput()
    .optional()
    .describe(
      'that of a dry run: leads that came, or ended, later are left as they are; now unless it is given',
    ),
  beforeId: idInput('where the call before ended').optional(),
};

const bulkFilter = z.object(bulkInput);
type Bulk = z.output<typeof bulkFilter>;

export interface Passed {
  /** Leads that the filter fits, among those looked at. */
  readonly found: number;
  /** `countedAt` of the calls that follow: they take the same leads. */
  readonly countedAt: Date;
  /** `beforeId` of the next call; null: all were looked at. */
  readonly next: string | null;
}

/**
 * Goes through the leads in those states that the filter fits. Stops after the present batch when nobody waits any more.
 *
 * @param which of its states the filter's may be some; further conditions
 * @param work on a batch; undefined: only count
 */
export async function throughLeads(
  context: Pick<Context, 'database' | 'digests' | 'signal' | 'progress'>,
  { beforeId, countedAt: given, ...filter }: Bulk,
  company: CompanyRecord,
  which: { readonly states: readonly LeadState[] } & Pick<LeadFilter, 'notSentAgain'>,
  work: ((leads: readonly FoundLead[]) => Promise<void>) | undefined,
): Promise<Passed> {
  const { database, signal, progress } = context;
  // The column has whole milliseconds, rounded.
  const countedAt = given ?? new Date((await databaseNow(database)) + 1);
  const states = filter.states?.filter((state) => which.states.includes(state)) ?? which.states;
  if (states.length === 0) return { found: 0, countedAt, next: null };
  const wanted = {
    ...readFilter(context, filter, company.id),
    ...which,
    states,
    asOfMs: countedAt.getTime(),
  };
  let found = 0;
  let next = beforeId;
  do {
    const limit = Math.min(BATCH, MOST - found);
    const page = await findLeadPage(database, wanted, { olderThan: next, limit });
    if (page.leads.length > 0) await work?.(page.leads);
    found += page.leads.length;
    next = page.next;
    progress(found, found);
  } while (next !== undefined && found < MOST && !signal.aborted);
  return { found, countedAt, next: next ?? null };
}
