import Table from 'cli-table3';

/** The result of a command, as text for people and as JSON for programs. */
export interface Report {
  readonly text: string;
  readonly data: unknown;
  /** The result itself is on standard output already: the text goes to standard error. */
  readonly isAside?: boolean;
  /** The command was executed, but its result needs attention: exit code 1. */
  readonly failed?: boolean;
}

type Cell = string | number | boolean | Date | null | undefined;

/** Rows in columns; `ifEmpty` if there are none. */
export function table(head: readonly string[], rows: readonly (readonly Cell[])[], ifEmpty: string): string {
  return rows.length === 0 ? ifEmpty : layOut(rows, head);
}

/** Names and values, a line each. */
export function facts(entries: readonly (readonly [string, Cell])[]): string {
  return layOut(entries);
}

/** "1 lead", "2 leads". */
export function count(number: number, one: string): string {
  return `${number.toLocaleString('en-US')} ${one}${number === 1 ? '' : 's'}`;
}

function layOut(rows: readonly (readonly Cell[])[], head: readonly string[] = []): string {
  const plain = new Table({ head: [...head], chars: NO_LINES, style: NO_STYLE });
  for (const row of rows) plain.push(row.map(show));
  return plain
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n');
}

function show(cell: Cell): string {
  if (cell === null || cell === undefined || cell === '') return '–';
  if (cell instanceof Date) return cell.toISOString();
  if (typeof cell === 'boolean') return cell ? 'yes' : 'no';
  return String(cell);
}

const NO_STYLE = { 'padding-left': 0, 'padding-right': 2, head: [], border: [] };
const NO_LINES = Object.fromEntries(
  [
    ...['top', 'top-mid', 'top-left', 'top-right', 'bottom', 'bottom-mid', 'bottom-left', 'bottom-right'],
    ...['left', 'left-mid', 'mid', 'mid-mid', 'right', 'right-mid', 'middle'],
  ].map((name) => [name, '']),
);
