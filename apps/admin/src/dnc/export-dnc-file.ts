import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { SealError } from '@live-feed/core/crypto/sealing';
import { readStoredPhone } from '@live-feed/core/directory/suppressed-phone';
import { listSuppressed, type SuppressedRow } from '@live-feed/database/suppression/suppressed-phones';
import { theCompany } from '../company/the-company.ts';
import type { Session } from '../session.ts';
import { Refusal } from '../terminal/refusal.ts';
import { count, type Report } from '../terminal/report.ts';

const PAGE = 5_000;

/**
 * Writes a company's list as CSV, phones in full: the import takes it.
 *
 * @param file a new one, which only this user may read; `-` is standard output
 * @throws Refusal if the file is there already, or cannot be written
 */
export async function exportDncFile(session: Session, companyName: string, file: string): Promise<Report> {
  const company = await theCompany(session, companyName);
  const written = { phones: 0, unreadable: 0 };
  const lines = Readable.from(csvOf(session, company.id, written));
  try {
    if (file === '-') await pipeline(lines, session.terminal.stdout, { end: false });
    else await pipeline(lines, createWriteStream(file, { flags: 'wx', mode: 0o600 }));
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'EEXIST') throw new Refusal(`There is a file "${file}" already: name another one.`);
    if (typeof code !== 'string' || !/^E[A-Z]+$/.test(code)) throw error;
    throw new Refusal(`The file cannot be written (${code}).`, { cause: error });
  }
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
  { database, keyring, terminal }: Session,
  companyId: string,
  written: { phones: number; unreadable: number },
): AsyncGenerator<string> {
  yield 'phone,reason,date,source\r\n';
  let after: string | undefined;
  for (;;) {
    const page = await listSuppressed(database, companyId, { after, limit: PAGE });
    if (page.length > 0) yield page.map((row) => lineOf(keyring, companyId, row, written)).join('');
    after = page.at(-1)?.phoneDigest;
    if (page.length < PAGE || terminal.signal.aborted) return;
  }
}

function lineOf(
  keyring: Session['keyring'],
  companyId: string,
  { entry, source, createdAt }: SuppressedRow,
  written: { phones: number; unreadable: number },
): string {
  try {
    const { phone, reason } = readStoredPhone(keyring, companyId, entry);
    written.phones += 1;
    return `${[phone, cell(reason ?? ''), createdAt.toISOString(), source].join()}\r\n`;
  } catch (error) {
    if (!(error instanceof SealError)) throw error;
    written.unreadable += 1;
    return '';
  }
}

/** A spreadsheet program would execute a text that begins like a formula. The import drops the apostrophe. */
function cell(text: string): string {
  const harmless = /^[=+\-@\t\r']/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}
