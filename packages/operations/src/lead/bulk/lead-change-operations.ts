import { askToStop, listWatchedChanges, type WatchedChange } from '@live-feed/database/audit/change-progress';
import { type CompanyRecord, findCompany } from '@live-feed/database/directory/companies';
import { z } from 'zod';
import { companyInput, idInput } from '../../inputs/inputs.ts';
import { ofCompanysOwn, ofReached, onlyCompany } from '../../operation.ts';
import { Refusal } from '../../refusal.ts';

/** Changes of many leads, as people watch and stop them. */

const changeInput = idInput('the change, which is that of its entry in the audit log');

export const leadChanges = ofReached({
  name: 'lead.changes',
  summary: 'lists changes of many leads, newest first, with how far they are',
  role: 'viewer',
  route: 'GET /lead-changes',
  input: z.object({
    company: companyInput.optional(),
    change: changeInput.optional().describe('only this one'),
    limit: z.int().min(1).max(1_000).default(50),
  }),
  async run({ database }, { company, change, limit }, reached) {
    const companyId = await onlyCompany({ database }, company, reached);
    const found = await listWatchedChanges(database, { id: change, companyId, limit });
    if (change !== undefined && found.length === 0) throw noChange();
    return { changes: found.map(shownChange) };
  },
});

export type ShownChange = ReturnType<typeof shownChange>;

/** `state`: `done`, `refused` and `failed` have ended. */
function shownChange({ progress: { done, of, stopAt }, end, ...entry }: WatchedChange) {
  const { id, at, operation, actor, companyId, company, input } = entry;
  const state = end?.outcome ?? (stopAt === null ? ('under way' as const) : ('stopping' as const));
  return {
    ...{ id, at, operation, actor, companyId, company, input, state, done, of },
    ...{ endedAt: end?.endedAt ?? null, message: end?.message ?? null, result: end?.after ?? null },
  };
}

export const leadStopChange = ofCompanysOwn({
  name: 'lead.stop-change',
  summary: 'stops a change of many leads after the few that are under way; what was done stays done',
  role: 'operator',
  route: 'POST /lead-changes/:change/stop',
  input: z.object({ change: changeInput }),
  async company({ database }, { change }): Promise<CompanyRecord | null> {
    const [found] = await listWatchedChanges(database, { id: change, limit: 1 });
    return found?.companyId == null ? null : findCompany(database, found.companyId);
  },
  missing: noChange,
  async run({ database, record }, { change }, company) {
    record({ target: `change ${change}` });
    if (!(await askToStop(database, change))) {
      throw new Refusal('The change has ended already.', { see: { operation: 'lead.changes' } });
    }
    return { company, change };
  },
});

function noChange(): Refusal {
  return new Refusal('There is no such change of many leads.', {
    kind: 'not_found',
    see: { operation: 'lead.changes' },
  });
}
