import type { Comparison } from '../comparison/comparison.ts';
import { baseline, liveFeed } from '../comparison/point.ts';
import { findRow, type Row } from '../comparison/row.ts';
import { atLeast, atMost } from '../report/verdict.ts';

const most = 500;
const factors = { direct: 1.5, 'plain-queue': 2 } as const;

/** A dialing system without limits: what the machine carries. */
export const throughput: Comparison = {
  name: 'throughput',
  title: "Without a dialer's limits",
  question:
    'What does a machine carry when the dialing system sets no limit, and what do in-flight slots do?',
  dialerMs: 20,
  enforceLimits: false,
  warmupMs: 1_500,
  firstWarmupMs: 5_000,
  points: [
    ...[50, 200, most].flatMap((callers) => [
      liveFeed(callers),
      baseline('direct', callers),
      baseline('plain-queue', callers),
    ]),
    ...[1, 2, 8, 16].map((inFlight) => liveFeed(most, { inFlight })),
  ],
  judge(rows) {
    const ours = findRow(rows, 'live-feed', most);
    return [
      ...(['direct', 'plain-queue'] as const).map((candidate) =>
        atLeast({
          what: `${most} callers, beside ${candidate}`,
          measured: ratio(ours, findRow(rows, candidate, most)),
          target: factors[candidate],
          unit: '×',
        }),
      ),
      atMost({
        what: 'live-feed, all rows',
        measured: rows.reduce((sum, row) => sum + (row.candidate === 'live-feed' ? row.errors : 0), 0),
        target: 0,
        unit: 'errors',
      }),
    ];
  },
};

function ratio(ours: Row | undefined, theirs: Row | undefined): number | null {
  return ours && theirs && theirs.perSecond > 0 ? ours.perSecond / theirs.perSecond : null;
}
