import { openBed } from '../bed/bed.ts';
import { profilePoints } from '../profile/profile-points.ts';
import type { Verdict } from '../report/finding.ts';
import type { Scenario, ScenarioOptions, ScenarioResult } from '../scenario.ts';
import { measureCommit } from '../usage/commit-time.ts';
import { findBestConcurrency } from './best-concurrency.ts';
import { startCandidates } from './candidates.ts';
import { createMeasure, type WarmUp } from './measure.ts';
import { describePoint, type Point } from './point.ts';
import { type Row, type Run, rowOf } from './row.ts';
import { pointColumns, rowTable } from './row-table.ts';

/** Live Feed beside baselines, under the same load. */
export interface Comparison extends Pick<Scenario, 'name' | 'title' | 'question' | 'note'>, WarmUp {
  /** How long the dialing system takes for an upload. */
  readonly dialerMs: number;
  /** Whether the dialing system enforces RingCX's documented windows for every sub-account. */
  readonly enforceLimits: boolean;
  readonly points: readonly Point[];
  /** Compares the rows with the targets. */
  judge(rows: readonly Row[], commitP50Ms: number): Verdict[];
}

export function scenarioOf(comparison: Comparison): Scenario {
  const { name, title, question, note } = comparison;
  return {
    ...{ name, title, question, ...(note === undefined ? {} : { note }) },
    // In `all` there is time for one round only, which is longer.
    seconds: { alone: 5, inAll: 8 },
    rounds: { alone: 2, inAll: 1 },
    run: (options) => compare(comparison, options),
    profile: (options) => profilePoints(comparison, options),
  };
}

/** Measures every point in every round, every other round backwards, so that noise is the same for all candidates. */
async function compare(comparison: Comparison, options: ScenarioOptions): Promise<ScenarioResult> {
  const { owner, seconds, rounds, say } = options;
  const { points, dialerMs, enforceLimits } = comparison;
  const names = new Set(points.map(({ candidate }) => candidate));
  say('Starting PostgreSQL, Redis, the simulator, Live Feed and the baselines …');
  const bed = await openBed(options, { dialerMs, enforceLimits });
  const candidates = await startCandidates(owner, bed, names, enforceLimits);
  const commitP50Ms = await measureCommit(bed.database);
  const measure = createMeasure(bed, candidates, comparison);
  const concurrency = names.has('plain-queue')
    ? await findBestConcurrency(candidates, measure, say)
    : undefined;

  const runs = new Map<Point, Run[]>(points.map((point) => [point, []]));
  for (let round = 1; round <= rounds; round += 1) {
    for (const point of round % 2 === 1 ? points : points.toReversed()) {
      const run = await measure(point, seconds * 1_000);
      runs.get(point)?.push(run);
      say(`round ${round} of ${rounds}: ${describePoint(point)}: ${Math.round(run.load.perSecond)} leads/s`);
    }
  }

  const rows = [...runs].map(([point, ofPoint]) =>
    rowOf(point, ofPoint, point.candidate === 'plain-queue' ? concurrency : undefined),
  );
  return {
    machine: bed.machine,
    tables: [rowTable(rows, pointColumns)],
    remarks: [
      `The dialing system takes ${dialerMs} ms; a commit took ${commitP50Ms.toFixed(2)} ms.`,
      ...rows
        .filter(({ errors }) => errors > 0)
        .map((row) => `Errors of ${describePoint(row)}: ${JSON.stringify(row.errorsBy)}.`),
    ],
    verdicts: comparison.judge(rows, commitP50Ms),
    facts: { commitP50Ms, rows },
  };
}
