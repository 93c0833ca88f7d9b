import { findBestConcurrency } from './best-concurrency.ts';
import { measureCommit } from './commit-time.ts';
import { createMeasure } from './measure.ts';
import { rowTable } from './report/rows.ts';
import { type Run, rowOf } from './row.ts';
import type { Point, Scenario } from './scenario.ts';
import type { Study, StudyOptions, StudyResult } from './study.ts';
import { openTestBed } from './test-bed.ts';

export function studyOf(scenario: Scenario): Study {
  return {
    ...scenario,
    // In all there is no time for a second round, so the one is longer.
    seconds: { alone: 5, inAll: 8 },
    rounds: { alone: 2, inAll: 1 },
    run: (options) => runScenario(scenario, options),
  };
}

/** Measures every point of a scenario in every round, there and back again, so that noise hits all candidates alike. */
async function runScenario(scenario: Scenario, options: StudyOptions): Promise<StudyResult> {
  const { owner, env, seconds, rounds, say } = options;
  const { points, dialerMs, enforceLimits } = scenario;
  const candidates = new Set(points.map(({ candidate }) => candidate));
  say('Starting PostgreSQL, Redis, the simulator, Live Feed and the baselines …');
  const bed = await openTestBed({ owner, env, candidates, enforceLimits, say });
  const commitP50Ms = await measureCommit(bed.database);
  await bed.simulator.behave({ delayMs: dialerMs, enforceLimits });
  const measure = createMeasure(owner, bed, scenario);
  const concurrency = candidates.has('plain-queue')
    ? await findBestConcurrency(bed, measure, say)
    : undefined;

  const runs = new Map<Point, Run[]>(points.map((point) => [point, []]));
  for (let round = 1; round <= rounds; round += 1) {
    for (const point of round % 2 === 1 ? points : points.toReversed()) {
      const run = await measure(point, { measuredMs: seconds * 1_000 });
      runs.get(point)?.push(run);
      say(`round ${round} of ${rounds}: ${describePoint(point)}: ${Math.round(run.load.perSecond)} leads/s`);
    }
  }

  const rows = [...runs].map(([point, ofPoint]) =>
    rowOf(point, ofPoint, point.candidate === 'plain-queue' ? concurrency : undefined),
  );
  return {
    machine: bed.machine,
    tables: [rowTable(rows)],
    remarks: [
      `The dialing system takes ${dialerMs} ms; a commit took ${commitP50Ms.toFixed(2)} ms.`,
      ...rows
        .filter(({ errors }) => errors > 0)
        .map((row) => `Errors of ${describePoint(row)}: ${JSON.stringify(row.errorsBy)}.`),
    ],
    verdicts: scenario.judge(rows, commitP50Ms),
    facts: { commitP50Ms, rows },
  };
}

export function describePoint({ candidate, callers, uploadMaximum, inFlight }: Point): string {
  const callersText = callers === 1 ? '1 caller' : `${callers} callers`;
  const slots = inFlight === null ? '' : `, uploads ≤ ${uploadMaximum}, ${inFlight} at once`;
  return `${candidate}, ${callersText}${slots}`;
}
