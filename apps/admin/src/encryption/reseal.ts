import { SealError, sealedKeyId } from '@live-feed/core/crypto/sealing';
import { type LeadJob, SEALED } from '@live-feed/core/lead/lead-job';
import { listDialerNames } from '@live-feed/database/directory/dialer-names';
import { countLeads } from '@live-feed/database/leads/lead-status';
import {
  findDialersToReseal,
  findLeadsToReseal,
  findPhoneChecksToReseal,
  findPhonesToReseal,
  findWebhooksToReseal,
  type Resealed,
  type SealedColumn,
  type SealedRow,
  writeResealed,
} from '@live-feed/database/upkeep/resealing';
import { resealJobs } from '@live-feed/queue/jobs/sealed-jobs';
import { withQueue } from '../dialer/dialer-show.ts';
import type { Session } from '../session.ts';
import { startProgress } from '../terminal/progress.ts';
import { count, type Report, table } from '../terminal/report.ts';

const PAGE = 500;

/** Where encrypted texts are stored. */
type Place = SealedColumn | 'jobs';

/** Re-encrypts everything with the current key, then counts what is left. */
export async function rotateSeals(session: Session): Promise<Report> {
  let resealed = 0;
  await visitRows(session, async (rows) => {
    resealed += await writeResealed(
      session.database,
      rows.flatMap((row) => resealRow(session, row)),
    );
  });
  resealed += await visitJobs(session, (job) => reseal(session, 'jobs', job.companyId, job.payload));
  const left = await countSealed(session);
  return {
    ...left,
    text: `Encrypted ${count(resealed, 'text')} with the key "${session.keyring.currentKeyId}".\n\n${left.text}`,
    data: { resealed, ...(left.data as object) },
  };
}

/** Counts what is encrypted with another key than the current one. */
export async function countSealed(session: Session): Promise<Report> {
  const tally = new Map<string, { readonly keyId: string; readonly where: Place; count: number }>();
  const note = (where: Place, sealed: string) => {
    const keyId = sealedKeyId(sealed) ?? '(damaged)';
    const known = tally.get(`${keyId} ${where}`);
    if (known === undefined) tally.set(`${keyId} ${where}`, { keyId, where, count: 1 });
    else known.count += 1;
  };
  await visitRows(session, async (rows) => {
    for (const { texts } of rows) for (const { column, sealed } of texts) note(column, sealed);
  });
  await visitJobs(session, ({ payload }) => {
    if (sealedKeyId(payload) !== session.keyring.currentKeyId) note('jobs', payload);
    return undefined;
  });
  const remaining = [...tally.values()];
  const { currentKeyId } = session.keyring;
  if (session.terminal.signal.aborted) {
    const text = 'Interrupted before everything was checked. Run it again to continue.';
    return { text, data: { currentKeyId, interrupted: true }, failed: true };
  }
  const done =
    `Everything is encrypted with the key "${currentKeyId}". Remove older keys from SEAL_KEYS once every process has had ` +
    `"${currentKeyId}" as its first key for two minutes.`;
  return {
    text: table(
      ['key', 'where', 'texts'],
      remaining.map(({ keyId, where, count: texts }) => [keyId, where, texts]),
      done,
    ),
    data: { currentKeyId, remaining },
    failed: remaining.length > 0,
  };
}

async function visitRows(
  { database, keyring, terminal }: Session,
  visit: (rows: readonly SealedRow[]) => Promise<void>,
): Promise<void> {
  const { currentKeyId } = keyring;
  await visit(await findDialersToReseal(database, currentKeyId));
  await visit(await findWebhooksToReseal(database, currentKeyId));
  await visit(await findPhoneChecksToReseal(database, currentKeyId));
  const progress = startProgress(terminal, 'leads and phones');
  const about = await countLeads(database);
  let done = 0;
  try {
    for (const findNext of [findLeadsToReseal, findPhonesToReseal]) {
      let afterId: string | undefined;
      while (!terminal.signal.aborted) {
        const page = await findNext(database, { currentKeyId, afterId, limit: PAGE });
        if (page.rows.length > 0) await visit(page.rows);
        done += page.seen;
        progress.show(done, about);
        afterId = page.lastId;
        if (page.seen < PAGE) break;
      }
    }
  } finally {
    progress.stop();
  }
}

async function visitJobs(session: Session, visit: (job: LeadJob) => string | undefined): Promise<number> {
  let replaced = 0;
  for (const { dialerId } of await listDialerNames(session.database)) {
    if (session.terminal.signal.aborted) break;
    replaced += await withQueue(session, dialerId, (queue) => resealJobs(queue, visit));
  }
  return replaced;
}

function resealRow(session: Session, { id, companyId, texts }: SealedRow): Resealed[] {
  return texts.flatMap(({ column, sealed }) => {
    const becomes = reseal(session, column, companyId, sealed);
    return becomes === undefined ? [] : [{ id, column, sealed, becomes }];
  });
}

/** @returns undefined if the text has the current key already, or cannot be decrypted and so counts as left */
function reseal({ keyring }: Session, where: Place, companyId: string, sealed: string): string | undefined {
  if (sealedKeyId(sealed) === keyring.currentKeyId) return undefined;
  const context = { companyId, column: where === 'jobs' ? SEALED.payload : where };
  try {
    return keyring.seal(keyring.unseal(sealed, context), context);
  } catch (error) {
    if (error instanceof SealError) return undefined;
    throw error;
  }
}
