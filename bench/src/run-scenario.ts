import type { Owner } from '@live-feed/tools/stack/owner';
import { findBestConcurrency } from './best-concurrency.ts';
import { measureCommit } from './commit-time.ts';
import { type Machine, presentCommit } from './machine.ts';
import { createMeasure } from './measure.ts';
import { type Row, type Run, rowOf } from './row.ts';
import type { Point, Scenario } from './scenario.ts';
import { openTestBed } from './test-bed.ts';
import type { Verdict } from './verdict.ts';

export interface RunOptions {
  readonly owner: Owner;
  readonly env: NodeJS.ProcessEnv;
  /** Measured time of each point in each round. */
  readonly seconds: number;
  readonly rounds: number;
  /** Told what happens, for whoever waits. */
  readonly say: (line: string) => void;
}

export interface BenchResult {
  readonly scenario: string;
  readonly commit: string;
  readonly machine: Machine;
  readonly seconds: number;
  readonly rounds: number;
  readonly commitP50Ms: number;
  readonly rows: readonly Row[];
  readonly verdicts: readonly Verdict[];
}

/** Measures every point of a scenario in every round, there and back again, so that noise hits all candidates alike. */
export async function runScenario(scenario: Scenario, options: RunOptions): Promise<BenchResult> {
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
    scenario: scenario.name,
    commit: await presentCommit(),
    machine: bed.machine,
    seconds,
    rounds,
    commitP50Ms,
    rows,
    verdicts: scenario.judge(rows, commitP50Ms),
  };
}

export function describePoint({ candidate, callers, uploadMaximum, inFlight }: Point): string {
  const callersText = callers === 1 ? '1 caller' : `${callers} callers`;
  const slots = inFlight === null ? '' : `, uploads ≤ ${uploadMaximum}, ${inFlight} at once`;
  return `${candidate}, ${callersText}${slots}`;
}
