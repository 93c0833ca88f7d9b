import { Readable } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { CsvError, parse } from 'csv-parse';
import { z } from 'zod';
import { Refusal } from '../refusal.ts';
import { type ColumnSpec, type FoundColumns, findColumns } from './spreadsheet-columns.ts';
import { cellText, decodeSpreadsheet, layoutOf } from './spreadsheet-text.ts';

/** A file as spreadsheet programs save it: a line that names the columns, then a row for each phone. */

export interface SpreadsheetSpec<Column extends string> extends ColumnSpec<Column> {
  /** Limited, because what is read of the rows is held in memory. */
  readonly mostRows: number;
  /** @param line in the file, for messages @param cell undefined where the file has no such column */
  readonly onRow: (line: number, cell: (column: Column) => string | undefined) => void;
}

/** A file may have. */
export const MOST_BYTES = 64 * 1024 * 1024;

const recordsSchema = z.object({ info: z.object({ lines: z.number() }), record: z.array(z.string()) });

/**
 * Reads the whole file, so that nothing is imported before all of it could be read.
 *
 * @param bytes as the file has them
 * @returns the names of columns that are not in the specification
 * @throws Refusal if it is not such a file
 */
export async function readSpreadsheet<Column extends string>(
  bytes: Buffer,
  spec: SpreadsheetSpec<Column | 'phone'>,
): Promise<readonly string[]> {
  try {
    return await readRows(decodeSpreadsheet(bytes), spec);
  } catch (error) {
    if (error instanceof CsvError)
      throw new Refusal(`The file is not CSV: ${error.message}. Nothing was imported.`);
    throw error;
  }
}

async function readRows<Column extends string>(
  text: string,
  spec: SpreadsheetSpec<Column | 'phone'>,
): Promise<readonly string[]> {
  const { separator, firstLine } = layoutOf(text);
  const parser = parse({
    ...{ delimiter: separator, from_line: firstLine, record_delimiter: ['\r\n', '\n', '\r'], info: true },
    ...{ relax_quotes: true, relax_column_count: true, trim: true },
    ...{ skip_empty_lines: true, skip_records_with_empty_values: true },
  });
  let columns: FoundColumns<Column | 'phone'> | undefined;
  let width = 0;
  let rows = 0;
  for await (const parsed of Readable.from(piecesOf(Buffer.from(text))).pipe(parser)) {
    const { info, record } = recordsSchema.parse(parsed);
    const cells = record.map(cellText);
    if (columns === undefined) {
      columns = findColumns<Column>(spec, cells);
      width = cells.length;
      continue;
    }
    if (rows === spec.mostRows)
      throw new Refusal(`The file has more than ${spec.mostRows} rows: split it. Nothing was imported.`);
    if (cells.slice(width).some((cell) => cell !== '')) {
      throw new Refusal(
        `Line ${info.lines} has more cells than there are columns. ${spec.header} Nothing was imported.`,
      );
    }
    rows += 1;
    const { places } = columns;
    spec.onRow(info.lines, (column) => {
      const at = places[column];
      return at === undefined ? undefined : (cells[at] ?? '');
    });
  }
  if (columns === undefined || rows === 0) throw new Refusal(`The file has no rows. ${spec.header}`);
  return columns.unused;
}

const PIECE = 64 * 1024;

/** Given whole, the parser would hold all rows in memory before the first is read. In between, Ctrl-C is noticed. */
async function* piecesOf(bytes: Buffer): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += PIECE) {
    yield bytes.subarray(at, at + PIECE);
    await nextTurn();
  }
}
