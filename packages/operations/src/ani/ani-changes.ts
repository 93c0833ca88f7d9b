import {
  activateAnis,
  capAnis,
  changePool,
  flagAnis,
  HIGHEST_CAP,
  pauseAnis,
  removeAnis,
} from '@live-feed/database/caller-ids/ani-changes';
import type { CompanyRecord } from '@live-feed/database/directory/companies';
import { z } from 'zod';
import { campaignId } from '../campaign/campaign-id.ts';
import { companyInput, durationInput } from '../inputs/inputs.ts';
import { personal } from '../inputs/masked-input.ts';
import { phone } from '../inputs/written.ts';
import { type Context, ofCompany } from '../operation.ts';
import { Refusal } from '../refusal.ts';

/** Statements stay short, so that uploads never wait long for the numbers' rows. */
const BATCH = 1_000;
const MOST = 100_000;
/** That the audit log names. */
const MOST_NAMED = 100;

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** The audit log masks them, because anything may have been typed; it names those that were the company's. */
const phonesInput = z.array(personal(phone())).max(MOST);
const somePhonesInput = phonesInput.min(1).readonly().describe("in any form that a lead's phone may have");

export const aniPause = ofCompany({
  name: 'ani.pause',
  summary: 'stops assigning numbers until they are activated',
  role: 'operator',
  route: 'POST /companies/:company/anis/pause',
  input: z.object({ company: companyInput, phones: somePhonesInput }),
  run: (context, { phones }, company) =>
    inBatches(context, company, phones, { status: 'PAUSED' }, (batch) =>
      pauseAnis(context.database, company.id, batch),
    ),
});

export const aniActivate = ofCompany({
  name: 'ani.activate',
  summary: 'assigns numbers again: ends a pause or a cool-down',
  role: 'operator',
  route: 'POST /companies/:company/anis/activate',
  input: z.object({ company: companyInput, phones: somePhonesInput }),
  run: (context, { phones }, company) =>
    inBatches(context, company, phones, { status: 'ACTIVE' }, (batch) =>
      activateAnis(context.database, company.id, batch),
    ),
});

export const aniFlag = ofCompany({
  name: 'ani.flag',
  summary: 'lets numbers cool down, for example because they are labelled as spam',
  role: 'operator',
  route: 'POST /companies/:company/anis/flag',
  input: z.object({
    company: companyInput,
    phones: somePhonesInput,
    forMs: durationInput({ min: HOUR_MS, max: 365 * DAY_MS })
      .default(7 * DAY_MS)
      .describe('how long they cool down, milliseconds'),
  }),
  run: (context, { phones, forMs }, company) =>
    inBatches(context, company, phones, { coolsDownForMs: forMs }, (batch) =>
      flagAnis(context.database, company.id, batch, forMs),
    ),
});

export const aniCap = ofCompany({
  name: 'ani.cap',
  summary: 'sets the daily cap of numbers',
  role: 'operator',
  route: 'POST /companies/:company/anis/cap',
  input: z.object({
    company: companyInput,
    phones: somePhonesInput,
    cap: z
      .int()
      .min(0)
      .max(HIGHEST_CAP)
      .nullable()
      .describe("most leads a day for each; null: the company's cap applies"),
  }),
  run: (context, { phones, cap }, company) =>
    inBatches(context, company, phones, { dailyCap: cap }, (batch) =>
      capAnis(context.database, company.id, batch, cap),
    ),
});

export const aniRemove = ofCompany({
  name: 'ani.remove',
  summary: 'removes numbers, also from their pools; leads under way with them go on',
  role: 'operator',
  route: 'POST /companies/:company/anis/remove',
  input: z.object({ company: companyInput, phones: somePhonesInput }),
  run: (context, { phones }, company) =>
    inBatches(context, company, phones, { removed: true }, (batch) =>
      removeAnis(context.database, company.id, batch),
    ),
});

/**
 * A change of numbers that were named one by one.
 *
 * @param after what the audit log says of those that were changed
 * @returns also those that the company does not have
 */
async function inBatches(
  { signal, progress, record }: Context,
  company: CompanyRecord,
  phones: readonly string[],
  after: object,
  change: (batch: readonly string[]) => Promise<readonly string[]>,
) {
  const asked = [...new Set(phones)];
  const changed = new Set<string>();
  let done = 0;
  while (done < asked.length && !signal.aborted) {
    const batch = asked.slice(done, done + BATCH);
    for (const each of await change(batch)) changed.add(each);
    done += batch.length;
    progress(done, asked.length);
  }
  const reached = asked.slice(0, done);
  record({ target: named([...changed]), after: { ...after, numbers: changed.size } });
  return {
    company,
    changed: reached.filter((each) => changed.has(each)),
    unknown: reached.filter((each) => !changed.has(each)),
  };
}

function named(phones: readonly string[]): string {
  const rest = phones.length - MOST_NAMED;
  return phones.slice(0, MOST_NAMED).join(' ') + (rest > 0 ? ` and ${rest} more` : '');
}

export const aniPool = ofCompany({
  name: 'ani.pool',
  summary: "puts numbers into a campaign's pool, and takes others out",
  role: 'operator',
  route: 'POST /companies/:company/campaigns/:campaignId/pool',
  input: z
    .object({
      company: companyInput,
      campaignId,
      add: phonesInput.max(BATCH).readonly().default([]).describe('numbers to put in'),
      remove: phonesInput.max(BATCH).readonly().default([]).describe('numbers to take out'),
    })
    .refine(({ add, remove }) => add.length + remove.length > 0, 'Name numbers to put in or to take out.')
    .refine(
      ({ add, remove }) => !add.some((each) => remove.includes(each)),
      'A number is to be put in and taken out.',
    ),
  async run({ database, record }, { campaignId: id, add, remove }, company) {
    const changed = await changePool(database, company.id, id, { add, remove });
    if (changed === undefined) {
      throw new Refusal(`"${company.name}" has no campaign ${id}.`, {
        ...{ kind: 'not_found', see: { operation: 'campaign.list', values: [company.name] } },
      });
    }
    const { added, removed, size } = changed;
    record({
      target: `pool of campaign ${id}`,
      before: { numbers: size - added.length + removed.length },
      after: { numbers: size, added: named(added), removed: named(removed) },
    });
    return { company, campaignId: id, ...changed };
  },
});
