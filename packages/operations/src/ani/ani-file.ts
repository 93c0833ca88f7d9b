import type { AniRow, AniRowError } from '@live-feed/database/caller-ids/ani-import';
import { PHONE_NAMES } from '../spreadsheet/spreadsheet-columns.ts';
import { readSpreadsheet } from '../spreadsheet/spreadsheet-rows.ts';

export interface AniFile {
  readonly rows: readonly AniRow[];
  /** Of the rows that are not in `rows`. */
  readonly errors: readonly AniRowError[];
  /** Names of columns that the import does not use. */
  readonly unusedColumns: readonly string[];
}

const NAMES = {
  phone: [
    ...PHONE_NAMES,
    ...['ani', 'anis', 'did', 'dids', 'didnumber', 'tn', 'callerid', 'calleridnumber'],
    ...['outboundcallerid', 'cid'],
  ],
  cap: [
    ...['dailycap', 'cap', 'capperday', 'dailylimit', 'limit', 'limitperday', 'maxperday', 'dailymax'],
    ...['callsperday', 'maxcallsperday', 'dailycalls'],
  ],
  campaigns: ['campaigns', 'campaign', 'campaignid', 'campaignids', 'pool', 'pools'],
} as const;

const HEADER = 'Its first line must name the columns: phone, and optionally daily_cap and campaigns.';

export const MOST_ANI_ROWS = 500_000;

/**
 * The import itself checks phones and campaigns.
 *
 * @param bytes of a CSV file, as spreadsheet programs save it
 * @throws Refusal if it is not a file of ANIs
 */
export async function readAniFile(bytes: Buffer): Promise<AniFile> {
  const rows: AniRow[] = [];
  const errors: AniRowError[] = [];
  const unusedColumns = await readSpreadsheet<keyof typeof NAMES>(bytes, {
    ...{ names: NAMES, header: HEADER, mostRows: MOST_ANI_ROWS },
    onRow(line, cell) {
      const row = rowOf(line, cell);
      if ('problem' in row) errors.push(row);
      else rows.push(row);
    },
  });
  return { rows, errors, unusedColumns };
}

function rowOf(line: number, cell: (column: keyof typeof NAMES) => string | undefined): AniRow | AniRowError {
  const [cap, campaigns] = [cell('cap'), cell('campaigns')];
  if (cap !== undefined && !/^\d{0,9}$/.test(cap)) {
    return { line, value: cap, problem: 'The daily cap must be a whole number, 0 or more.' };
  }
  return {
    line,
    phone: cell('phone') ?? '',
    ...(cap === undefined ? {} : { dailyCap: cap === '' ? null : Number(cap) }),
    ...(campaigns === undefined ? {} : { pools: campaigns.split(/[\s,;]+/).filter((id) => id !== '') }),
  };
}
