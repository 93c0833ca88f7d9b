import type { AniImport } from '@live-feed/database/caller-ids/ani-import';
import { type AniFile, readAniFile } from '@live-feed/operations/ani/ani-file';
import { aniImport } from '@live-feed/operations/ani/ani-import';
import { quoted } from '@live-feed/operations/spreadsheet/spreadsheet-columns';
import type { Session } from '../session.ts';
import { readBytes } from '../terminal/file-bytes.ts';
import { startProgress } from '../terminal/progress.ts';
import { count, type Report } from '../terminal/report.ts';

/** Imports a file of ANIs. The report fails if a row was not imported; the other rows are. */
export async function importAniFile(
  session: Session,
  companyName: string,
  file: string,
  dryRun: boolean,
): Promise<Report> {
  const { rows, errors: unread, unusedColumns } = await readAniFile(await readBytes(session.terminal, file));
  const progress = startProgress(session.terminal, 'rows');
  try {
    const input = { company: companyName, rows, dryRun };
    const { company, ...imported } = await session.perform(aniImport, input, progress.show);
    const errors = [...unread, ...imported.errors].sort((a, b) => a.line - b.line);
    const data = { company, ...imported, errors, unusedColumns };
    return { text: importText(company.name, dryRun, data), data, failed: errors.length > 0 };
  } finally {
    progress.stop();
  }
}

function importText(
  company: string,
  dryRun: boolean,
  {
    added,
    known,
    changed,
    errors,
    unusedColumns,
    notOfUs,
  }: AniImport &
    Pick<AniFile, 'unusedColumns'> & {
      readonly notOfUs: readonly { readonly line: number; readonly phone: string; readonly region: string }[];
    },
): string {
  const [add, change, drop] = dryRun
    ? ['Would add', 'would change', 'would not be']
    : ['Added', 'changed', 'not'];
  const same = (known - changed).toLocaleString('en-US');
  return [
    `${add} ${count(added, 'number')} to "${company}", ${change} ${changed.toLocaleString('en-US')}; ` +
      `${same} unchanged; ${count(errors.length, 'row')} ${drop} imported.`,
    ...(unusedColumns.length === 0 ? [] : [`Unused columns: ${unusedColumns.map(quoted).join(', ')}.`]),
    ...notOfUs.map(
      ({ line, phone, region }) =>
        `line ${line}: note: ${phone} is ${region}: no distance to a lead is known for it.`,
    ),
    ...errors.map(({ line, value, problem }) => `line ${line}: ${quoted(value)}: ${problem}`),
    ...(dryRun ? ['Nothing was changed.'] : []),
  ].join('\n');
}
