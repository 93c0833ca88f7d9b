import type { Row } from '../row.ts';
import type { BenchResult } from '../run-scenario.ts';
import type { Verdict } from '../verdict.ts';
import { figure, table } from './table.ts';

const columns: readonly (readonly [string, (row: Row) => string])[] = [
  ['candidate', nameOf],
  ['callers', ({ callers }) => String(callers)],
  ['upload ≤', ({ uploadMaximum }) => String(uploadMaximum)],
  ['at once', ({ inFlight }) => (inFlight === null ? '–' : String(inFlight))],
  ['leads/s', ({ perSecond }) => figure(perSecond)],
  ['p50 ms', ({ p50Ms }) => figure(p50Ms)],
  ['p99 ms', ({ p99Ms }) => figure(p99Ms)],
  ['errors', ({ errors }) => String(errors)],
  ['429s', ({ dialer429 }) => String(dialer429)],
  ['leads/upload', ({ uploadMean }) => figure(uploadMean)],
  ['RSS MiB', ({ rssMb }) => figure(rssMb)],
  ['CPU µs/lead', ({ cpuMicrosPerLead }) => figure(cpuMicrosPerLead)],
  ['load CPU %', ({ generatorCpuPercent }) => figure(generatorCpuPercent)],
];

/** A result for people: the table, then what it says against the targets. */
export function describeResult(result: BenchResult): string {
  const { machine, commit, commitP50Ms, seconds, rounds, rows, verdicts } = result;
  const failed = rows.filter(({ errors }) => errors > 0);
  return [
    `${result.scenario} at ${commit}: ${rounds} × ${seconds} s a row`,
    `${machine.cores} × ${machine.cpu}, ${machine.memoryGb} GB, ${machine.system}, Node ${machine.node}, ` +
      `PostgreSQL ${machine.postgres} (a commit: ${figure(commitP50Ms)} ms), Redis ${machine.redis}`,
    '',
    table(
      columns.map(([name]) => name),
      rows.map((row) => columns.map(([, cell]) => cell(row))),
    ),
    ...failed.map(
      (row) => `errors of ${nameOf(row)}, ${row.callers} callers: ${JSON.stringify(row.errorsBy)}`,
    ),
    '',
    ...verdicts.map(describeVerdict),
  ].join('\n');
}

function nameOf({ candidate, concurrency }: Row): string {
  return concurrency === undefined ? candidate : `${candidate} × ${concurrency}`;
}

export function describeVerdict({ what, measured, must, target, unit, met }: Verdict): string {
  return `${met ? 'met   ' : 'MISSED'}  ${what}: ${figure(measured)} ${must} ${figure(target)} ${unit}`;
}
