import { phoneRegion } from '@live-feed/core/caller-id/phone-region';
import { normalisePhone } from '@live-feed/core/lead/phone';
import { type AniImport, importAnis } from '@live-feed/database/caller-ids/ani-import';
import { theCompany } from '../company/the-company.ts';
import type { Session } from '../session.ts';
import { quoted } from '../spreadsheet/spreadsheet-columns.ts';
import { startProgress } from '../terminal/progress.ts';
import { count, type Report } from '../terminal/report.ts';
import { type AniFile, readAniFile } from './ani-file.ts';

/** Imports a file of ANIs. The report fails if a row was not imported; the other rows are. */
export async function importAniFile(
  session: Session,
  companyName: string,
  file: string,
  dryRun: boolean,
): Promise<Report> {
  const company = await theCompany(session, companyName);
  const read = await readAniFile(session.terminal, file);
  const progress = startProgress(session.terminal, 'rows');
  const onProgress = (done: number) => progress.show(done, read.rows.length);
  try {
    const imported = await importAnis(session.database, company.id, read.rows, { onProgress, dryRun });
    const errors = [...read.errors, ...imported.errors].sort((a, b) => a.line - b.line);
    const { unusedColumns } = read;
    const notOfUs = numbersOutsideUs(read.rows);
    return {
      text: importText(company.name, dryRun, { ...imported, errors, unusedColumns, notOfUs }),
      data: { company, ...imported, errors, unusedColumns, notOfUs, dryRun },
      failed: errors.length > 0,
    };
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
  }: AniImport & Pick<AniFile, 'unusedColumns'> & { readonly notOfUs: ReturnType<typeof numbersOutsideUs> },
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

/** Imported but reported: callees may not recognise such a number, and only the tier `any` finds most of them. */
function numbersOutsideUs(rows: AniFile['rows']) {
  return rows.flatMap(({ line, phone: text }) => {
    const reading = normalisePhone(text);
    const region = reading.ok ? phoneRegion(reading.phone) : 'us';
    return reading.ok && region !== 'us' ? [{ line, phone: reading.phone, region }] : [];
  });
}
