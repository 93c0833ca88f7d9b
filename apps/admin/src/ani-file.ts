import { createReadStream } from 'node:fs';
import type { Readable } from 'node:stream';
import type { AniRow } from '@live-feed/database/ani-import';
import { CsvError, parse } from 'csv-parse';
import { z } from 'zod';
import { Refusal } from './refusal.ts';
import type { Terminal } from './terminal.ts';

/** A file of ANIs: CSV whose first line names its columns. */

const COLUMNS = ['phone', 'daily_cap', 'campaigns'] as const;
const HEADER = `Its first line has to name the columns: phone, and daily_cap and campaigns if there are such.`;
/** Nobody has more, and they are all held in memory. */
const MOST_ROWS = 500_000;

const recordSchema = z.object({
  info: z.object({ lines: z.number() }),
  record: z.object({
    phone: z.string(),
    daily_cap: z.string().optional(),
    campaigns: z.string().optional(),
  }),
});

/**
 * Reads the file whole, before anything is imported of it. What a row is worth is for the import to say.
 *
 * @param file `-` is standard input
 * @throws Refusal for what is no such file
 */
export async function readAniFile(terminal: Terminal, file: string): Promise<AniRow[]> {
  const source: Readable = file === '-' ? terminal.stdin : createReadStream(file);
  const parser = parse({
    ...{ bom: true, trim: true, info: true, skip_empty_lines: true, relax_column_count_less: true },
    columns: (header: readonly string[]) => header.map(columnOf),
  });
  source.on('error', (error) => parser.destroy(error));
  const rows: AniRow[] = [];
  try {
    for await (const parsed of source.pipe(parser)) {
      if (rows.length === MOST_ROWS) throw new Refusal(`The file has more than ${MOST_ROWS} rows: split it.`);
      rows.push(rowOf(recordSchema.parse(parsed)));
    }
  } catch (error) {
    throw refusalFor(error);
  } finally {
    source.destroy();
  }
  if (rows.length === 0) throw new Refusal(`The file has no rows. ${HEADER}`);
  return rows;
}

function columnOf(name: string): string {
  const known = COLUMNS.find((column) => column === name.toLowerCase());
  if (known !== undefined) return known;
  throw new Refusal(`There is no column ${JSON.stringify(name.slice(0, 40))}. ${HEADER}`);
}

function rowOf({ info, record }: z.infer<typeof recordSchema>): AniRow {
  const { phone, daily_cap: cap, campaigns } = record;
  return {
    line: info.lines,
    phone,
    ...(cap === undefined ? {} : { dailyCap: cap === '' ? null : wholeNumber(cap) }),
    ...(campaigns === undefined ? {} : { pools: campaigns.split(/\s+/).filter((id) => id !== '') }),
  };
}

/** NaN for what is none: the import tells of the row. */
function wholeNumber(text: string): number {
  return /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
}

function refusalFor(error: unknown): Refusal {
  if (error instanceof Refusal) return error;
  if (error instanceof CsvError)
    return new Refusal(`The file is not CSV: ${error.message}. Nothing was imported.`);
  if (error instanceof z.ZodError) return new Refusal(`The file has no column "phone". ${HEADER}`);
  const code = error instanceof Error && 'code' in error ? error.code : 'unknown';
  return new Refusal(`The file cannot be read (${code}). Nothing was imported.`, { cause: error });
}
