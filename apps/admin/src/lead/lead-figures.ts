import type { LeadFigures } from '@live-feed/core/lead/lead-figures';
import type { FiguresBy } from '@live-feed/database/figures/lead-figures';
import { leadFigures } from '@live-feed/operations/lead/lead-figures';
import type { Session } from '../session.ts';
import { UsageError } from '../terminal/refusal.ts';
import { type Report, table } from '../terminal/report.ts';

export interface FiguresOptions {
  readonly by: FiguresBy;
  readonly company?: string | undefined;
  readonly campaign?: string | undefined;
  readonly source?: string | undefined;
  /** Durations until now, milliseconds. */
  readonly since: number;
  readonly until?: number | undefined;
}

export async function showFigures(session: Session, options: FiguresOptions): Promise<Report> {
  const { since, until = 0, ...search } = options;
  if (until >= since) throw new UsageError('--until must be shorter than --since.');
  const ago = (ms: number) => new Date(Date.now() - ms).toISOString();
  const { by, figures, all } = await session.perform(leadFigures, {
    ...search,
    since: ago(since),
    until: ago(until),
  });
  const lines = figures.length > 1 ? [...figures, { key: 'all', ...all }] : figures;
  return {
    text: table(
      [
        by,
        'leads',
        'accepted',
        'rejected',
        'failed',
        'expired',
        'given back',
        'parked',
        'acceptance',
        'p50',
        'p99',
      ],
      lines.map((line) => [line.key, ...cells(line)]),
      'No lead ended in that time.',
    ),
    data: { by, figures, all },
  };
}

function cells({ leads, byState, acceptance, p50Ms, p99Ms }: LeadFigures) {
  const { ACCEPTED, REJECTED, FAILED, EXPIRED, ABANDONED, PARKED } = byState;
  return [
    ...[leads, ACCEPTED, REJECTED, FAILED, EXPIRED, ABANDONED, PARKED],
    ...[acceptance === null ? null : `${(acceptance * 100).toFixed(1)} %`, atMost(p50Ms), atMost(p99Ms)],
  ];
}

/** Times are known to the next of a few values. */
function atMost(ms: number | null): string | null {
  return ms === null ? null : ms > 86_400_000 ? 'over a day' : `≤ ${ms.toLocaleString('en-US')} ms`;
}
