import { setTimeout as pause } from 'node:timers/promises';
import { nameKey } from '@live-feed/core/directory/name-key';
import type { CompanyRecord } from '@live-feed/database/directory/companies';
import { findDialerOf } from '@live-feed/database/directory/lookups';
import {
  countOpenLeads,
  removeCompanyRow,
  removeRowsOf,
  revokeKeysOf,
} from '@live-feed/database/upkeep/company-removal';
import { type InspectedQueue, openInspectedQueue } from '@live-feed/queue/jobs/inspected-queue';
import { describeQueue } from '@live-feed/queue/jobs/queue-standing';
import { z } from 'zod';
import { companyInput } from '../inputs/inputs.ts';
import { type Context, ofCompany } from '../operation.ts';
import { InputError, Refusal } from '../refusal.ts';
import { refuseOfOne } from './of-all-companies.ts';

const BATCH = 1_000;

/** Ingresses know a key, and what it opens, for 5 s. */
const KEYS_STOP_WITHIN_MS = 6_000;

/** Keys, dialer, campaigns, numbers, leads, do-not-call list, figures, webhooks and people go for good. The audit log stays. */
export const companyRemove = ofCompany({
  name: 'company.remove',
  summary: 'removes a company with all that it has, for good; refused while leads are open',
  role: 'admin',
  route: 'DELETE /companies/:company',
  input: z.object({
    company: companyInput,
    confirm: z.string().max(255).describe('the name of the company, typed again'),
  }),
  async run(context, { confirm }, company) {
    const { database, actor, signal, progress, record } = context;
    refuseOfOne(actor);
    if (nameKey(confirm) !== nameKey(company.name)) {
      const message = `This is not the name of the company. Type "${company.name}" to remove it for good.`;
      throw new InputError([{ member: '', message }]);
    }
    const dialer = await findDialerOf(database, company.id);
    return withQueue(context, dialer?.id, async (queue) => {
      await refuseOpen(context, company, queue, 'Nothing was changed.');
      if ((await revokeKeysOf(database, company.id)) > 0) {
        await pause(KEYS_STOP_WITHIN_MS, undefined, { signal }).catch(() => undefined);
        await refuseOpen(context, company, queue, 'Its keys are revoked, and nothing else was changed.');
      }
      let rows = 0;
      for (let removed = -1; removed !== 0 && !signal.aborted; rows += removed) {
        removed = await removeRowsOf(database, company.id, BATCH);
        progress(rows + removed, rows + removed);
      }
      record({ target: company.name, before: company, after: { rows, finished: !signal.aborted } });
      if (signal.aborted) return { company, rows, finished: false };
      if (!(await removeCompanyRow(database, company.id))) {
        throw new Refusal(`A lead of "${company.name}" has come meanwhile. Its keys are revoked; try again.`);
      }
      // What it has of finished jobs would go within the hour.
      await queue?.obliterate({ force: true });
      return { company, rows, finished: true };
    });
  },
});

async function withQueue<Result>(
  { redis }: Context,
  dialerId: string | undefined,
  work: (queue: InspectedQueue | undefined) => Promise<Result>,
): Promise<Result> {
  if (dialerId === undefined) return work(undefined);
  const queue = await openInspectedQueue(await redis(), dialerId, () => undefined);
  try {
    return await work(queue);
  } finally {
    await queue.close();
  }
}

/** A lead whose caller still waits has a job, and no row yet. */
async function refuseOpen(
  { database }: Context,
  { id, name }: CompanyRecord,
  queue: InspectedQueue | undefined,
  so: string,
): Promise<void> {
  // Jobs first, so that a lead that gets its row in between is seen.
  const standing = queue === undefined ? undefined : await describeQueue(queue);
  const jobs = standing === undefined ? 0 : standing.waiting + standing.delayed + standing.active;
  const open = Math.max(jobs, await countOpenLeads(database, id));
  if (open === 0) return;
  throw new Refusal(
    `"${name}" has ${open} open ${open === 1 ? 'lead' : 'leads'}: they wait, are being sent or verified, or are parked. Let them end, or drain its dialer and decide about parked ones. ${so}`,
    { see: { operation: 'lead.list', to: 'Look at them' } },
  );
}
