import type { Cell, Table } from '../report/finding.ts';
import type { CandidateName, Point } from './point.ts';
import type { Figures, RowOf } from './row.ts';

type Columns<Of> = readonly (readonly [name: string, cell: (row: Of) => Cell])[];

export const pointColumns: Columns<Point> = [
  ['callers', ({ callers }) => String(callers)],
  ['upload ≤', ({ uploadMaximum }) => String(uploadMaximum)],
  ['at once', ({ inFlight }) => (inFlight === null ? null : String(inFlight))],
];

const figureColumns: Columns<Figures> = [
  ['leads/s', ({ perSecond }) => perSecond],
  ['p50 ms', ({ p50Ms }) => p50Ms],
  ['p99 ms', ({ p99Ms }) => p99Ms],
  ['errors', ({ errors }) => String(errors)],
  ['429s', ({ dialer429 }) => String(dialer429)],
  ['leads/upload', ({ uploadMean }) => uploadMean],
  ['RSS MiB', ({ rssMb }) => rssMb],
  ['CPU µs/lead', ({ cpuMicrosPerLead }) => cpuMicrosPerLead],
  ['with services', ({ allCpuMicrosPerLead }) => allCpuMicrosPerLead],
  ['load CPU %', ({ generatorCpuPercent }) => generatorCpuPercent],
];

/** @param measured columns that say what each row measured */
export function rowTable<What extends { readonly candidate: CandidateName }>(
  rows: readonly RowOf<What>[],
  measured: Columns<What>,
): Table {
  const columns: Columns<RowOf<What>> = [['candidate', nameOf], ...measured, ...figureColumns];
  return {
    columns: columns.map(([name]) => name),
    rows: rows.map((row) => columns.map(([, cell]) => cell(row))),
  };
}

function nameOf({ candidate, concurrency }: RowOf<{ readonly candidate: CandidateName }>): string {
  return concurrency === undefined ? candidate : `${candidate} × ${concurrency}`;
}
