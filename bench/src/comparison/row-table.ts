import type { Cell, Table } from '../report/finding.ts';
import type { Row } from './row.ts';

const columns: readonly (readonly [string, (row: Row) => Cell])[] = [
  ['candidate', nameOf],
  ['callers', ({ callers }) => String(callers)],
  ['upload ≤', ({ uploadMaximum }) => String(uploadMaximum)],
  ['at once', ({ inFlight }) => (inFlight === null ? null : String(inFlight))],
  ['leads/s', ({ perSecond }) => perSecond],
  ['p50 ms', ({ p50Ms }) => p50Ms],
  ['p99 ms', ({ p99Ms }) => p99Ms],
  ['errors', ({ errors }) => String(errors)],
  ['429s', ({ dialer429 }) => String(dialer429)],
  ['leads/upload', ({ uploadMean }) => uploadMean],
  ['RSS MiB', ({ rssMb }) => rssMb],
  ['CPU µs/lead', ({ cpuMicrosPerLead }) => cpuMicrosPerLead],
  ['load CPU %', ({ generatorCpuPercent }) => generatorCpuPercent],
];

export function rowTable(rows: readonly Row[]): Table {
  return {
    columns: columns.map(([name]) => name),
    rows: rows.map((row) => columns.map(([, cell]) => cell(row))),
  };
}

function nameOf({ candidate, concurrency }: Row): string {
  return concurrency === undefined ? candidate : `${candidate} × ${concurrency}`;
}
