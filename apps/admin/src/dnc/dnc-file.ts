import { suppressionReasonSchema } from '@live-feed/core/directory/suppressed-phone';
import { normalisePhone } from '@live-feed/core/lead/phone';
import { PHONE_NAMES } from '@live-feed/operations/spreadsheet/spreadsheet-columns';
import { readSpreadsheet } from '@live-feed/operations/spreadsheet/spreadsheet-rows';
import { readBytes } from '../terminal/file-bytes.ts';
import type { Terminal } from '../terminal/terminal.ts';

/** A row of a file of phones. */
export interface DncRow {
  readonly phone: string;
  readonly reason: string | null;
  /** Milliseconds since the epoch; undefined where the row has none. */
  readonly addedAtMs: number | undefined;
}

export interface DncFile {
  readonly size: number;
  rows(from: number, to: number): DncRow[];
  /** The first ones. */
  readonly errors: readonly DncRowError[];
  /** All of them. */
  readonly wrong: number;
  readonly unusedColumns: readonly string[];
}

export interface DncRowError {
  readonly line: number;
  readonly value: string;
  readonly problem: string;
}

const NAMES = {
  phone: [...PHONE_NAMES, 'mobile', 'cell', 'cellphone', 'leadphone', 'dnc'],
  reason: ['reason', 'note', 'notes', 'comment', 'comments', 'why'],
  date: ['date', 'since', 'added', 'addedat', 'addedon', 'createdat', 'dncdate', 'optoutdate', 'dateadded'],
} as const;

const HEADER = 'Its first line must name the columns: phone, and optionally reason and date.';

const MOST_ROWS = 3_000_000;
const MOST_ERRORS = 1_000;

/**
 * Reads and checks the whole file. A phone may be in it twice.
 *
 * @param file `-` is standard input
 * @param nowMs a date must not be later
 * @throws Refusal if it is not such a file
 */
export async function readDncFile(terminal: Terminal, file: string, nowMs: number): Promise<DncFile> {
  // As numbers, and each reason once: as objects, millions of rows would take a gigabyte.
  const phones: number[] = [];
  const reasons: number[] = [];
  const times: number[] = [];
  const reasonNumbers = new Map<string | null, number>();
  const errors: DncRowError[] = [];
  let wrong = 0;
  const unusedColumns = await readSpreadsheet<keyof typeof NAMES>(await readBytes(terminal, file), {
    ...{ names: NAMES, header: HEADER, mostRows: MOST_ROWS },
    onRow(line, cell) {
      const refuse = (value: string, problem: string) => {
        wrong += 1;
        if (errors.length < MOST_ERRORS) errors.push({ line, value, problem });
      };
      const [text, reason, date] = [cell('phone') ?? '', cell('reason') || null, cell('date') ?? ''];
      const reading = normalisePhone(text);
      const addedAtMs = date === '' ? Number.NaN : readDate(date);
      if (!reading.ok) return refuse(text, reading.reason);
      if (reason !== null && !suppressionReasonSchema.safeParse(reason).success) {
        return refuse(reason, 'The reason has more than 200 characters, or control characters in it.');
      }
      if (addedAtMs === undefined || addedAtMs > nowMs) {
        return refuse(date, 'Expected a past date such as 2026-11-30, 2026-11-30T14:05:00Z or 11/30/2026.');
      }
      if (!reasonNumbers.has(reason)) reasonNumbers.set(reason, reasonNumbers.size);
      phones.push(Number(reading.phone));
      reasons.push(reasonNumbers.get(reason) ?? 0);
      times.push(addedAtMs);
    },
  });
  const reasonTexts = [...reasonNumbers.keys()];
  return {
    size: phones.length,
    rows: (from, to) =>
      phones.slice(from, to).map((phone, at) => {
        const time = times[from + at] ?? Number.NaN;
        return {
          phone: String(phone),
          reason: reasonTexts[reasons[from + at] ?? 0] ?? null,
          addedAtMs: Number.isNaN(time) ? undefined : time,
        };
      }),
    ...{ errors, wrong, unusedColumns },
  };
}

const ISO = /^\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})?)?$/;
const AMERICAN = /^(\d{1,2})\/(\d{1,2})\/(\d{4})$/;

/** Without a zone: UTC. @returns undefined if it is no date */
function readDate(text: string): number | undefined {
  const [, month, day, year] = AMERICAN.exec(text) ?? [];
  const iso = year === undefined ? text : `${year}-${month?.padStart(2, '0')}-${day?.padStart(2, '0')}`;
  if (!ISO.test(iso)) return undefined;
  const hasZone = iso.length === 10 || /(Z|[+-]\d{2}:\d{2})$/.test(iso.slice(10));
  const ms = Date.parse(hasZone ? iso.replace(' ', 'T') : `${iso.replace(' ', 'T')}Z`);
  // `Date.parse` takes the 31st of any month.
  const dayMs = Date.parse(iso.slice(0, 10));
  const isDay = !Number.isNaN(dayMs) && new Date(dayMs).toISOString().startsWith(iso.slice(0, 10));
  return Number.isNaN(ms) || !isDay ? undefined : ms;
}
