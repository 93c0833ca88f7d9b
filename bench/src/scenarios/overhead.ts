import type { Comparison } from '../comparison/comparison.ts';
import { baseline, liveFeed } from '../comparison/point.ts';
import { findRow } from '../comparison/row.ts';
import { atMost } from '../report/verdict.ts';

/** A lone caller: what the queue, the rows and the seals add to the dialing system's own time. */
export const overhead: Comparison = {
  name: 'overhead',
  title: 'What a lone caller waits for',
  question: 'What does a lone caller wait for beyond the dialing system?',
  dialerMs: 20,
  enforceLimits: false,
  warmupMs: 500,
  firstWarmupMs: 2_000,
  points: [liveFeed(1), baseline('direct', 1)],
  judge(rows, commitP50Ms) {
    const ours = findRow(rows, 'live-feed', 1);
    const direct = findRow(rows, 'direct', 1);
    const what = '1 caller';
    return [
      atMost({
        what,
        measured: ours?.p50Ms ?? null,
        target: (direct?.p50Ms ?? 0) + 2 * commitP50Ms + 6,
        unit: 'ms p50',
      }),
      atMost({ what, measured: ours?.p99Ms ?? null, target: (direct?.p99Ms ?? 0) + 25, unit: 'ms p99' }),
      atMost({ what, measured: ours?.errors ?? null, target: 0, unit: 'errors' }),
    ];
  },
};
