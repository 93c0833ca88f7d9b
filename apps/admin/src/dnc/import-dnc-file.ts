import { dncCount, dncImport, MOST_IMPORTED } from '@live-feed/operations/dnc/dnc-operations';
import { quoted } from '@live-feed/operations/spreadsheet/spreadsheet-columns';
import type { Session } from '../session.ts';
import { startProgress } from '../terminal/progress.ts';
import { count, type Report } from '../terminal/report.ts';
import { type DncFile, readDncFile } from './dnc-file.ts';

export interface ImportOptions {
  readonly dryRun?: true | undefined;
  readonly skipWrong?: true | undefined;
}

/** Puts the phones of a file on a company's list. If a row is wrong nothing is changed, unless such rows are to be skipped. */
export async function importDncFile(
  session: Session,
  companyName: string,
  file: string,
  { dryRun, skipWrong }: ImportOptions,
): Promise<Report> {
  const { company } = await session.perform(dncCount, { company: companyName });
  const read = await readDncFile(session.terminal, file, Date.now());
  const { errors, wrong, unusedColumns, size } = read;
  const isRefused = wrong > 0 && !skipWrong;
  const done = isRefused || dryRun ? { added: 0, seen: 0 } : await write(session, company.id, read);
  const interrupted = session.terminal.signal.aborted;
  return {
    text: [
      ...(isRefused
        ? [`${count(wrong, 'row')} wrong, nothing was imported. Correct them, or add --skip-wrong.`]
        : dryRun
          ? [`Would put ${count(size, 'phone')} on the list of "${company.name}". Nothing was changed.`]
          : [
              `Put ${count(done.added, 'phone')} on the list of "${company.name}"; ` +
                `${(done.seen - done.added).toLocaleString('en-US')} were there; ${count(wrong, 'row')} skipped.`,
            ]),
      ...(interrupted ? ['Interrupted before the end: run it again to go on.'] : []),
      ...(unusedColumns.length === 0 ? [] : [`Unused columns: ${unusedColumns.map(quoted).join(', ')}.`]),
      ...errors.map(({ line, value, problem }) => `line ${line}: ${quoted(value)}: ${problem}`),
      ...(wrong > errors.length ? [`and ${(wrong - errors.length).toLocaleString('en-US')} more`] : []),
    ].join('\n'),
    data: {
      ...{ company, rows: size, added: done.added, known: done.seen - done.added, wrong, errors },
      ...{ unusedColumns, dryRun: dryRun === true, interrupted },
    },
    failed: wrong > 0,
  };
}

async function write(session: Session, companyId: string, file: DncFile) {
  const progress = startProgress(session.terminal, 'phones');
  let added = 0;
  let seen = 0;
  try {
    while (seen < file.size && !session.terminal.signal.aborted) {
      const before = seen;
      const rows = file.rows(seen, seen + MOST_IMPORTED).map(({ phone, reason, addedAtMs }) => ({
        ...{ phone, reason },
        since: addedAtMs === undefined ? undefined : new Date(addedAtMs).toISOString(),
      }));
      const done = await session.perform(dncImport, { company: companyId, rows }, (each) =>
        progress.show(before + each, file.size),
      );
      added += done.added;
      seen += done.seen;
    }
  } finally {
    progress.stop();
  }
  return { added, seen };
}
