import type { LeadState } from '@live-feed/core/lead/lead-state';
import type { CompanyRecord } from '@live-feed/database/directory/companies';
import { type FoundLead, findLeadPage, type LeadFilter } from '@live-feed/database/leads/search/lead-search';
import { databaseNow } from '@live-feed/database/upkeep/retention-cutoff';
import { z } from 'zod';
import { idInput, momentInput } from '../../inputs/inputs.ts';
import type { Context } from '../../operation.ts';
import { companyFilter, readFilter } from '../lead-filter.ts';
import { watched } from './watched.ts';

/** Changes of all leads that a filter fits, newest first. A call takes up to 10,000 and says where the next one goes on. */

const MOST = 10_000;
/** As many as a read-back of a dialing system may name. */
const BATCH = 200;

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
  /** Before its end, by a person or because nobody waits any more. */
  readonly stopped: boolean;
}

type Work = (leads: readonly FoundLead[]) => Promise<void>;

/**
 * Goes through the leads in those states that the filter fits: counts them, then works on a batch at a time. People can watch it, and stop it
 * after the present batch.
 *
 * @param which of its states the filter's may be some; further conditions
 * @param work on a batch; undefined: only count
 */
export async function throughLeads(
  context: Pick<Context, 'database' | 'digests' | 'entryId' | 'signal' | 'progress'>,
  { beforeId, countedAt: given, ...filter }: Bulk,
  company: CompanyRecord,
  which: { readonly states: readonly LeadState[] } & Pick<LeadFilter, 'notSentAgain'>,
  work: Work | undefined,
): Promise<Passed> {
  const { database } = context;
  // The column has whole milliseconds, rounded.
  const countedAt = given ?? new Date((await databaseNow(database)) + 1);
  const states = filter.states?.filter((state) => which.states.includes(state)) ?? which.states;
  const asOfMs = countedAt.getTime();
  const wanted = { ...readFilter(context, filter, company.id), ...which, states, asOfMs };
  const none = { found: 0, next: null, stopped: false };
  const count = (signal: AbortSignal) =>
    states.length === 0 ? none : pass({ database, signal }, wanted, beforeId, async () => undefined);
  if (work === undefined) return { ...(await count(context.signal)), countedAt };
  const done = await watched(context, async ({ signal, counted, gone }) => {
    const all = await count(signal);
    await counted(all.found);
    if (all.found === 0) return all;
    // Stopped while they were counted: none is changed.
    if (signal.aborted) return { found: 0, next: beforeId ?? null, stopped: true };
    return pass({ database, signal }, wanted, beforeId, async (leads, before) => {
      await work(leads);
      await gone(before + leads.length);
    });
  });
  return { ...done, countedAt };
}

async function pass(
  { database, signal }: Pick<Context, 'database' | 'signal'>,
  filter: LeadFilter,
  beforeId: string | undefined,
  work: (leads: readonly FoundLead[], before: number) => Promise<void>,
): Promise<Omit<Passed, 'countedAt'>> {
  let found = 0;
  let next = beforeId;
  do {
    const limit = Math.min(BATCH, MOST - found);
    const page = await findLeadPage(database, filter, { olderThan: next, limit });
    if (page.leads.length > 0) await work(page.leads, found);
    found += page.leads.length;
    next = page.next;
  } while (next !== undefined && found < MOST && !signal.aborted);
  return { found, next: next ?? null, stopped: next !== undefined && found < MOST };
}

/** For the audit log. */
export function resultOf({ found, next, stopped }: Passed): object {
  if (stopped) return { found, stopped };
  return next === null ? { found } : { found, next };
}
