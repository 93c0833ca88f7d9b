import type { Comparison } from '../comparison/comparison.ts';
import { baseline, liveFeed } from '../comparison/point.ts';
import type { Row } from '../comparison/row.ts';
import type { Verdict } from '../report/finding.ts';
import { atLeast, atMost } from '../report/verdict.ts';

/** What RingCX's windows of 30 in 10 s and 120 in 60 s leave, spread evenly and with the permits' margin for what the network bunches together. */
export const permitsPerSecond = 1.8;
const permitGapMs = 1_000 / permitsPerSecond;
const dialerMs = 150;
const [few, many] = [100, 1_000];
export const maxima = [500, 1_000];

/** One sub-account within RingCX's limits. */
export const limits: Comparison = {
  name: 'limits',
  title: "Under RingCX's limits",
  question: 'What does one RingCX sub-account carry within the documented limits?',
  note: 'direct: 2 leads/s in the long run, 30 at once. A run shorter than a minute shows a burst or a pause after one.',
  dialerMs,
  enforceLimits: true,
  warmupMs: 3_000,
  firstWarmupMs: 4_000,
  points: [few, many].flatMap((callers) => [
    ...maxima.map((uploadMaximum) => liveFeed(callers, { uploadMaximum })),
    baseline('direct', callers),
  ]),
  judge: (rows) => rows.filter(({ candidate }) => candidate === 'live-feed').flatMap(judgeRow),
};

function judgeRow({ callers, uploadMaximum, perSecond, p99Ms, dialer429, errors }: Row): Verdict[] {
  const what = `${callers} callers, uploads ≤ ${uploadMaximum}`;
  const ideal = Math.min(callers, uploadMaximum) * permitsPerSecond;
  return [
    atLeast({ what, measured: perSecond, target: 0.8 * ideal, unit: 'leads/s' }),
    atMost({ what, measured: p99Ms, target: 2 * permitGapMs + dialerMs + 200, unit: 'ms p99' }),
    atMost({ what, measured: dialer429, target: 0, unit: '429s' }),
    atMost({ what, measured: errors, target: 0, unit: 'errors' }),
  ];
}
