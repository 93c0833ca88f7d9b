import { Refusal } from '../refusal.ts';

/** Finds the columns of a file by the names that people and exporting programs give them. */

export interface ColumnSpec<Column extends string> {
  /** By column: its names in lower case, letters and digits only. */
  readonly names: Readonly<Record<Column, readonly string[]>>;
  /** Says which columns there are, a sentence for messages. */
  readonly header: string;
}

export interface FoundColumns<Column extends string> {
  /** Index in a row, from 0. The phone is always there. */
  readonly places: Readonly<Partial<Record<Column, number>>>;
  /** Names of columns that the import does not use. */
  readonly unused: readonly string[];
}

/** What a column of phones is called. */
export const PHONE_NAMES = [
  ...['phone', 'phones', 'phonenumber', 'phonenumbers', 'phoneno', 'number', 'numbers', 'telephone'],
  ...['telephonenumber', 'tel', 'e164'],
];

/** @throws Refusal if there is no phone column, or if two columns have one meaning */
export function findColumns<Column extends string>(
  { names, header }: ColumnSpec<Column | 'phone'>,
  cells: readonly string[],
): FoundColumns<Column | 'phone'> {
  const columns = Object.keys(names) as (Column | 'phone')[];
  const meanings = cells.map((cell) => {
    const key = cell.toLowerCase().replaceAll(/[^a-z0-9]/g, '');
    return columns.find((column) => names[column].includes(key));
  });
  const places: Partial<Record<Column | 'phone', number>> = {};
  for (const column of columns) {
    const [first, second] = meanings.flatMap((meaning, at) => (meaning === column ? [at] : []));
    if (first === undefined) continue;
    if (second !== undefined) {
      throw new Refusal(
        `The columns ${quoted(cells[first])} and ${quoted(cells[second])} have the same meaning: remove one. Nothing was imported.`,
      );
    }
    places[column] = first;
  }
  if (places.phone === undefined) throw withoutPhones(cells, header);
  return { places, unused: cells.filter((name, at) => name !== '' && meanings[at] === undefined) };
}

function withoutPhones(cells: readonly string[], header: string): Refusal {
  const named = cells.filter((name) => name !== '').map(quoted);
  const [first = ''] = cells;
  if (/[0-9]{3}/.test(first)) return new Refusal(`The file begins with numbers. ${header}`);
  return new Refusal(`The file has no column "phone". It has ${named.join(', ')}. ${header}`);
}

/** A cell as messages show it: in quotes, cut after 40 characters. */
export function quoted(text = ''): string {
  return JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}…` : text);
}
