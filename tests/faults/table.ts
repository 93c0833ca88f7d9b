import type { Asked } from '../kit/judge/history.ts';
import { BREACHES } from '../kit/judge/judge.ts';
import type { Trial } from './trial.ts';

const TOLD = ['200', '202', '502', '504', '429', '503'] as const;

const HEAD = ['fault', 'times', 'requests', ...TOLD, 'other', 'none', ...BREACHES, 'recovery ms'];

/** Markdown, so that it can be put into docs/fault-runs.md as it is. A trial that was not held has no figures. */
export function tableOf(trials: readonly Trial[]): string {
  const rows = trials.map(cellsOf);
  const widths = HEAD.map((head, n) => Math.max(head.length, ...rows.map((row) => row[n]?.length ?? 0)));
  const line = (cells: readonly string[]) =>
    `| ${widths.map((width, n) => (n === 0 ? (cells[n] ?? '').padEnd(width) : (cells[n] ?? '').padStart(width))).join(' | ')} |`;
  const rule = `|${widths.map((width, n) => (n === 0 ? '-'.repeat(width + 2) : `${'-'.repeat(width + 1)}:`)).join('|')}|`;
  return [line(HEAD), rule, ...rows.map(line)].join('\n');
}

function cellsOf({ disturbance, times, asked, breaches, recoveryMs, skipped, failed }: Trial): string[] {
  const name = disturbance.what;
  if (skipped !== undefined) return [name, 'SKIPPED'];
  const told = countsOf(asked);
  return [
    name,
    String(times),
    String(asked.length),
    ...TOLD.map((status) => String(told.get(status) ?? '')),
    String(told.get('other') ?? ''),
    String(told.get('none') ?? ''),
    ...BREACHES.map((kind) =>
      failed === undefined ? String(breaches.filter((breach) => breach.kind === kind).length) : 'FAILED',
    ),
    recoveryMs === null ? '–' : String(Math.round(recoveryMs)),
  ];
}

function countsOf(asked: readonly Asked[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { answer } of asked) {
    const status = String(answer?.status ?? 'none');
    const column = status === 'none' || TOLD.some((each) => each === status) ? status : 'other';
    counts.set(column, (counts.get(column) ?? 0) + 1);
  }
  return counts;
}
