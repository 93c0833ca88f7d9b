import { SealError } from '@live-feed/core/crypto/sealing';
import {
  readStoredPhone,
  storedPhone,
  suppressionReasonSchema,
} from '@live-feed/core/directory/suppressed-phone';
import { maskPhone } from '@live-feed/core/lead/phone';
import {
  allowPhones,
  countSuppressed,
  findSuppressed,
  listSuppressed,
  suppressPhones,
} from '@live-feed/database/suppression/suppressed-phones';
import { z } from 'zod';
import { type Actor, seesPhones } from '../actor.ts';
import { companyInput, momentInput } from '../inputs/inputs.ts';
import { personal, secret } from '../inputs/masked-input.ts';
import { phone, shortText } from '../inputs/written.ts';
import { type AnyOperation, ofCompany } from '../operation.ts';
import type { Resources } from '../resources.ts';

/** A company's do-not-call list. */

const MOST_NAMED = 1_000;
const phones = z
  .array(personal(phone()))
  .min(1)
  .max(MOST_NAMED)
  .describe("in any form that a lead's phone may have");

export const dncAdd = ofCompany({
  name: 'dnc.add',
  summary: 'puts phones on the do-not-call list: their leads are not sent any more, in no campaign',
  role: 'operator',
  route: 'POST /companies/:company/dnc',
  input: z.object({
    company: companyInput,
    phones,
    reason: secret(shortText(200)).optional().describe('why; kept encrypted'),
  }),
  async run(context, { phones, reason }, company) {
    const stored = phones.map((each) => ({
      ...storedPhone(context, company.id, { phone: each, reason: reason ?? null }),
      source: 'admin' as const,
    }));
    const added = (await suppressPhones(context.database, company.id, stored)).length;
    context.record({ after: { added } });
    return { company, added, known: new Set(phones).size - added };
  },
});

export const dncRemove = ofCompany({
  name: 'dnc.remove',
  summary: 'takes phones off the do-not-call list',
  role: 'operator',
  route: 'POST /companies/:company/dnc/removals',
  input: z.object({ company: companyInput, phones }),
  async run({ database, digests, record }, { phones }, company) {
    const all = phones.map((each) => digests.phone(company.id, each));
    const removed = await allowPhones(database, company.id, all);
    record({ after: { removed } });
    return { company, removed, unknown: new Set(phones).size - removed };
  },
});

export const dncCheck = ofCompany({
  name: 'dnc.check',
  summary: 'says whether phones are on the do-not-call list',
  role: 'operator',
  // Phones do not belong into addresses, which are kept in logs.
  route: 'POST /companies/:company/dnc/checks',
  input: z.object({ company: companyInput, phones }),
  async run({ database, digests, keyring }, { phones }, company) {
    const found = [];
    for (const each of phones) {
      const row = await findSuppressed(database, company.id, digests.phone(company.id, each));
      if (row === null) found.push({ phone: each, onList: false, since: null, source: null, reason: null });
      else {
        const { reason } = readStoredPhone(keyring, company.id, row.entry);
        found.push({ phone: each, onList: true, since: row.createdAt, source: row.source, reason });
      }
    }
    return { company, phones: found };
  },
});

export const dncCount = ofCompany({
  name: 'dnc.count',
  summary: 'counts the phones on the do-not-call list',
  role: 'viewer',
  route: 'GET /companies/:company/dnc/count',
  input: z.object({ company: companyInput }),
  run: async ({ database }, _input, company) => ({
    company,
    phones: await countSuppressed(database, company.id),
  }),
});

const MOST_LISTED = 5_000;
const MOST_EXPORTED = 50_000;
const cursor = z
  .string()
  .regex(/^[0-9a-f]{64}$/, 'Expected what the page before named as next.')
  .describe('`next` of the page before');

export const dncList = ofCompany({
  name: 'dnc.list',
  summary: 'lists the do-not-call list, page by page in no order; masked unless the role may see phones',
  role: 'viewer',
  route: 'GET /companies/:company/dnc',
  input: z.object({
    company: companyInput,
    after: cursor.optional(),
    limit: z.int().min(1).max(MOST_LISTED).default(50),
  }),
  run: async (context, input, company) => ({ company, ...(await readPage(context, company.id, input)) }),
});

export const dncExport = ofCompany({
  name: 'dnc.export',
  summary: 'reads the do-not-call list with phones in full, page by page',
  role: 'operator',
  // Recorded: the phones leave the system.
  route: 'POST /companies/:company/dnc/export',
  input: z.object({
    company: companyInput,
    after: cursor.optional(),
    limit: z.int().min(1).max(MOST_EXPORTED).default(MOST_EXPORTED),
  }),
  async run(context, { after, limit }, company) {
    const phones = [];
    let unreadable = 0;
    let next = after ?? null;
    do {
      const page = {
        after: next ?? undefined,
        limit: Math.min(MOST_LISTED, limit - phones.length - unreadable),
      };
      const read = await readPage(context, company.id, page);
      phones.push(...read.phones);
      unreadable += read.unreadable;
      next = read.next;
    } while (next !== null && phones.length + unreadable < limit && !context.signal.aborted);
    context.record({ after: { phones: phones.length } });
    return { company, phones, unreadable, next };
  },
});

interface PageInput {
  readonly after?: string | undefined;
  readonly limit: number;
}

async function readPage(
  { database, keyring, actor }: Pick<Resources, 'database' | 'keyring'> & { readonly actor: Actor },
  companyId: string,
  { after, limit }: PageInput,
) {
  const rows = await listSuppressed(database, companyId, { after, limit });
  let unreadable = 0;
  const phones = rows.flatMap(({ entry, source, createdAt }) => {
    try {
      const { phone, reason } = readStoredPhone(keyring, companyId, entry);
      return [{ phone: shownPhone(actor, phone), reason, since: createdAt, source }];
    } catch (error) {
      if (!(error instanceof SealError)) throw error;
      unreadable += 1;
      return [];
    }
  });
  return { phones, unreadable, next: rows.length < limit ? null : (rows.at(-1)?.phoneDigest ?? null) };
}

function shownPhone(actor: Actor, phone: string): string {
  return seesPhones(actor) ? phone : maskPhone(phone);
}

/** Phones in a statement: it takes a fraction of a second, and the company's uploads wait for its commit only. */
const BATCH = 5_000;
export const MOST_IMPORTED = 100_000;

export const dncImport = ofCompany({
  name: 'dnc.import',
  summary: 'puts many phones on the do-not-call list, up to 100,000 a call',
  role: 'operator',
  route: 'POST /companies/:company/dnc/import',
  input: z.object({
    company: companyInput,
    rows: z
      .array(
        z.object({
          phone: personal(phone()),
          reason: secret(suppressionReasonSchema).nullable().default(null),
          since: momentInput().optional(),
        }),
      )
      .min(1)
      .max(MOST_IMPORTED),
  }),
  async run(context, { rows }, company) {
    const { database, progress, signal, record } = context;
    let added = 0;
    let seen = 0;
    while (seen < rows.length && !signal.aborted) {
      const batch = rows.slice(seen, seen + BATCH).map(({ phone, reason, since }) => ({
        ...storedPhone(context, company.id, { phone, reason }),
        source: 'import' as const,
        addedAtMs: since?.getTime(),
      }));
      added += (await suppressPhones(database, company.id, batch)).length;
      seen += batch.length;
      progress(seen, rows.length);
    }
    record({ after: { added, seen } });
    return { company, added, seen };
  },
});

export const DNC_OPERATIONS: readonly AnyOperation[] = [
  ...[dncAdd, dncRemove, dncCheck, dncCount, dncList],
  ...[dncImport, dncExport],
];
