import { createReadStream } from 'node:fs';
import type { Readable } from 'node:stream';
import type { AniRow, AniRowError } from '@live-feed/database/caller-ids/ani-import';
import { CsvError, parse } from 'csv-parse';
import { z } from 'zod';
import { Refusal } from '../terminal/refusal.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { type AniColumns, columnsOf, HEADER } from './ani-columns.ts';
import { cellText, decodeSpreadsheet, layoutOf } from './spreadsheet-text.ts';

/** A file of ANIs, as spreadsheet programs save it: a line that names the columns, then a row for each number. */

export interface AniFile {
  readonly rows: readonly AniRow[];
  /** Of the rows that are not in `rows`. */
  readonly errors: readonly AniRowError[];
  /** Names of columns that the import does not use. */
  readonly unusedColumns: readonly string[];
}

/** Limited, because all rows are held in memory. */
const MOST_ROWS = 500_000;
const MOST_BYTES = 64 * 1024 * 1024;

const recordsSchema = z.object({ info: z.object({ lines: z.number() }), record: z.array(z.string()) });

/**
 * Reads the whole file before anything is imported. The import itself checks phones and campaigns.
 *
 * @param file `-` is standard input
 * @throws Refusal if it is not such a file
 */
export async function readAniFile(terminal: Terminal, file: string): Promise<AniFile> {
  const source: Readable = file === '-' ? terminal.stdin : createReadStream(file);
  try {
    return await readRows(decodeSpreadsheet(await bytesOf(source)));
  } catch (error) {
    throw refusalFor(error);
  } finally {
    source.destroy();
  }
}

async function bytesOf(source: Readable): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of source) {
    chunks.push(Buffer.from(chunk));
    length += chunk.length;
    if (length > MOST_BYTES)
      throw new Refusal('The file has more than 64 MiB: split it. Nothing was imported.');
  }
  return Buffer.concat(chunks);
}

async function readRows(text: string): Promise<AniFile> {
  const { separator, firstLine } = layoutOf(text);
  const parser = parse(text, {
    ...{ delimiter: separator, from_line: firstLine, record_delimiter: ['\r\n', '\n', '\r'], info: true },
    ...{ relax_quotes: true, relax_column_count: true, trim: true },
    ...{ skip_empty_lines: true, skip_records_with_empty_values: true },
  });
  let columns: AniColumns | undefined;
  let width = 0;
  const rows: AniRow[] = [];
  const errors: AniRowError[] = [];
  for await (const parsed of parser) {
    const { info, record } = recordsSchema.parse(parsed);
    const cells = record.map(cellText);
    if (columns === undefined) {
      columns = columnsOf(cells);
      width = cells.length;
      continue;
    }
    if (rows.length === MOST_ROWS) throw new Refusal(`The file has more than ${MOST_ROWS} rows: split it.`);
    if (cells.slice(width).some((cell) => cell !== '')) {
      throw new Refusal(
        `Line ${info.lines} has more cells than there are columns. ${HEADER} Nothing was imported.`,
      );
    }
    const row = rowOf(info.lines, cells, columns);
    if ('problem' in row) errors.push(row);
    else rows.push(row);
  }
  if (columns === undefined || rows.length + errors.length === 0) {
    throw new Refusal(`The file has no rows. ${HEADER}`);
  }
  return { rows, errors, unusedColumns: columns.unused };
}

function rowOf(line: number, cells: readonly string[], columns: AniColumns): AniRow | AniRowError {
  const cell = (at: number | undefined) => (at === undefined ? undefined : (cells[at] ?? ''));
  const [cap, campaigns] = [cell(columns.cap), cell(columns.campaigns)];
  if (cap !== undefined && !/^\d{0,9}$/.test(cap)) {
    return { line, value: cap, problem: 'The daily cap must be a whole number, 0 or more.' };
  }
  return {
    line,
    phone: cell(columns.phone) ?? '',
    ...(cap === undefined ? {} : { dailyCap: cap === '' ? null : Number(cap) }),
    ...(campaigns === undefined ? {} : { pools: campaigns.split(/[\s,;]+/).filter((id) => id !== '') }),
  };
}

function refusalFor(error: unknown): Refusal {
  if (error instanceof Refusal) return error;
  if (error instanceof CsvError)
    return new Refusal(`The file is not CSV: ${error.message}. Nothing was imported.`);
  const code = error instanceof Error && 'code' in error ? error.code : 'unknown';
  return new Refusal(
    `The file cannot be read (${code}). Nothing was imported. A container does not see your files: pass the file on standard input, with - < file`,
    { cause: error },
  );
}
