import { dncCount, dncExport } from '@live-feed/operations/dnc/dnc-operations';
import type { Session } from '../session.ts';
import { writeNewFile } from '../terminal/new-file.ts';
import { count, type Report } from '../terminal/report.ts';

/**
 * Writes a company's list as CSV, phones in full: the import takes it.
 *
 * @param file a new one, which only this user may read; `-` is standard output
 * @throws Refusal if the file is there already, or cannot be written
 */
export async function exportDncFile(session: Session, companyName: string, file: string): Promise<Report> {
  const { company } = await session.perform(dncCount, { company: companyName });
  const written = { phones: 0, unreadable: 0 };
  await writeNewFile(session.terminal, file, csvOf(session, company.id, written));
  const lost =
    written.unreadable === 0 ? '' : ` ${count(written.unreadable, 'phone')} could not be decrypted.`;
  return {
    text:
      `Wrote ${count(written.phones, 'phone')} of "${company.name}".${lost} They are not masked: keep the file where only ` +
      'those can read it who may, and remove it when it is not needed any more.',
    data: { company, ...written },
    isAside: file === '-',
    failed: written.unreadable > 0,
  };
}

async function* csvOf(
  session: Session,
  company: string,
  written: { phones: number; unreadable: number },
): AsyncGenerator<string> {
  yield 'phone,reason,date,source\r\n';
  let after: string | undefined;
  do {
    const { phones, unreadable, next } = await session.perform(dncExport, { company, after });
    yield phones
      .map(({ phone, reason, since, source }) =>
        [phone, cell(reason ?? ''), since.toISOString(), source].join(),
      )
      .map((line) => `${line}\r\n`)
      .join('');
    written.phones += phones.length;
    written.unreadable += unreadable;
    after = next ?? undefined;
  } while (after !== undefined && !session.terminal.signal.aborted);
}

/** A spreadsheet program would execute a text that begins like a formula. The import drops the apostrophe. */
function cell(text: string): string {
  const harmless = /^[=+\-@\t\r']/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}
