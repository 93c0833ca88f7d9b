import { type Keyring, SealError, sealedKeyId } from '@live-feed/core/crypto/sealing';
import { type LeadJob, SEALED } from '@live-feed/core/lead/lead-job';
import { listDialerNames } from '@live-feed/database/directory/dialer-names';
import { countLeads } from '@live-feed/database/leads/lead-status';
import {
  findAlertChannelsToReseal,
  findDialersToReseal,
  findLeadsToReseal,
  findPeopleToReseal,
  findPhoneChecksToReseal,
  findPhonesToReseal,
  findWebhooksToReseal,
  type Resealed,
  type SealedColumn,
  type SealedRow,
  writeResealed,
} from '@live-feed/database/upkeep/resealing';
import { resealJobs } from '@live-feed/queue/jobs/sealed-jobs';
import { z } from 'zod';
import { withQueue } from '../dialer/dialer-queue.ts';
import { type Context, ofInstallation } from '../operation.ts';

const PAGE = 500;

/** Where encrypted texts are stored. */
type Place = SealedColumn | 'jobs';

export const sealRotate = ofInstallation({
  name: 'seal.rotate',
  summary: 're-encrypts everything with the current key while the system runs; may be run again',
  role: 'admin',
  route: 'POST /seals/rotate',
  input: z.object({}),
  /** Then counts what is left. */
  async run(context) {
    const { database, keyring, record } = context;
    let resealed = 0;
    await visitRows(context, async (rows) => {
      resealed += await writeResealed(
        database,
        rows.flatMap((row) => resealRow(keyring, row)),
      );
    });
    resealed += await visitJobs(context, (job) => reseal(keyring, 'jobs', job.companyId, job.payload));
    const left = await countSealed(context);
    record({ target: `key ${keyring.currentKeyId}`, after: { resealed } });
    return { resealed, ...left };
  },
});

export const sealStatus = ofInstallation({
  name: 'seal.status',
  summary: 'counts what is encrypted with other keys than the current one: at 0 they can be removed',
  role: 'viewer',
  route: 'GET /seals',
  input: z.object({}),
  run: countSealed,
});

export const SEAL_OPERATIONS = [sealRotate, sealStatus];

interface Sealed {
  readonly currentKeyId: string;
  readonly remaining: readonly { readonly keyId: string; readonly where: Place; readonly count: number }[];
  /** It was ended before everything was looked at. */
  readonly interrupted?: true;
}

async function countSealed(context: Context): Promise<Sealed> {
  const { currentKeyId } = context.keyring;
  const tally = new Map<string, { readonly keyId: string; readonly where: Place; count: number }>();
  const note = (where: Place, sealed: string) => {
    const keyId = sealedKeyId(sealed) ?? '(damaged)';
    const known = tally.get(`${keyId} ${where}`);
    if (known === undefined) tally.set(`${keyId} ${where}`, { keyId, where, count: 1 });
    else known.count += 1;
  };
  await visitRows(context, async (rows) => {
    for (const { texts } of rows) for (const { column, sealed } of texts) note(column, sealed);
  });
  await visitJobs(context, ({ payload }) => {
    if (sealedKeyId(payload) !== currentKeyId) note('jobs', payload);
    return undefined;
  });
  const isWhole = !context.signal.aborted;
  return { currentKeyId, remaining: [...tally.values()], ...(isWhole ? {} : { interrupted: true }) };
}

async function visitRows(
  { database, keyring, signal, progress }: Context,
  visit: (rows: readonly SealedRow[]) => Promise<void>,
): Promise<void> {
  const { currentKeyId } = keyring;
  await visit(await findDialersToReseal(database, currentKeyId));
  await visit(await findWebhooksToReseal(database, currentKeyId));
  await visit(await findPeopleToReseal(database, currentKeyId));
  await visit(await findPhoneChecksToReseal(database, currentKeyId));
  await visit(await findAlertChannelsToReseal(database, currentKeyId));
  const about = await countLeads(database);
  let done = 0;
  for (const findNext of [findLeadsToReseal, findPhonesToReseal]) {
    let afterId: string | undefined;
    while (!signal.aborted) {
      const page = await findNext(database, { currentKeyId, afterId, limit: PAGE });
      if (page.rows.length > 0) await visit(page.rows);
      done += page.seen;
      progress(done, about);
      afterId = page.lastId;
      if (page.seen < PAGE) break;
    }
  }
}

async function visitJobs(context: Context, visit: (job: LeadJob) => string | undefined): Promise<number> {
  let replaced = 0;
  for (const { dialerId } of await listDialerNames(context.database)) {
    if (context.signal.aborted) break;
    replaced += await withQueue(context, dialerId, (queue) => resealJobs(queue, visit));
  }
  return replaced;
}

function resealRow(keyring: Keyring, { id, companyId, texts }: SealedRow): Resealed[] {
  return texts.flatMap(({ column, sealed }) => {
    const becomes = reseal(keyring, column, companyId, sealed);
    return becomes === undefined ? [] : [{ id, column, sealed, becomes }];
  });
}

/** @returns undefined if the text has the current key already, or cannot be decrypted and so counts as left */
function reseal(keyring: Keyring, where: Place, companyId: string, sealed: string): string | undefined {
  if (sealedKeyId(sealed) === keyring.currentKeyId) return undefined;
  const context = { companyId, column: where === 'jobs' ? SEALED.payload : where };
  try {
    return keyring.seal(keyring.unseal(sealed, context), context);
  } catch (error) {
    if (error instanceof SealError) return undefined;
    throw error;
  }
}
