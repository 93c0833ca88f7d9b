import type { Company } from '@live-feed/tests/kit/system/company';
import { createOwner } from '@live-feed/tools/stack/owner';
import { type Bed, openBed } from '../bed/bed.ts';
import { addCompanies } from '../bed/companies.ts';
import { whenQuiet } from '../bed/when-quiet.ts';
import { startAlone } from '../comparison/candidates.ts';
import { measureRun } from '../comparison/measure.ts';
import type { CandidateName } from '../comparison/point.ts';
import { rowOf } from '../comparison/row.ts';
import type { Machine } from '../report/finding.ts';
import { figure } from '../report/table.ts';
import type { ScenarioOptions } from '../scenario.ts';
import { failedBadly, LEADS_PER_SECOND, type Step, type StepRow } from './step.ts';

export const DIALER_MS = 150;
/** As many jobs of the plain queue at once as no step needs: 800 leads/s of 150 ms are 120. */
const CONCURRENCY = 500;
/** Of each step, until the dialers that are new are known. */
const WARM_UP_MS = 10_000;
/** Before the first step, until code is compiled. Few callers, who wait for it: what piles up meanwhile would be the first step's. */
const COMPILING_MS = 15_000;
/** Callers for each dialer: they use less of its windows than a step does. */
const COMPILING_SHARE = 0.1;

export interface Ramp {
  readonly candidate: CandidateName;
  /** Numbers of dialers, rising. */
  readonly steps: readonly number[];
  /** Runs after a step that did not fail badly. */
  afterStep?(row: StepRow, bed: Bed, companies: readonly Company[]): Promise<void>;
}

export interface Climbed {
  readonly machine: Machine;
  readonly rows: readonly StepRow[];
  /** Steps that were not measured, because one before failed badly, or left work that took longer than a minute. */
  readonly leftOut: readonly Step[];
}

/** Measures one candidate with more and more dialers, on services of its own that start empty. */
export async function climb(
  { owner, env, seconds, say }: Pick<ScenarioOptions, 'owner' | 'env' | 'seconds' | 'say'>,
  { candidate, steps, afterStep }: Ramp,
): Promise<Climbed> {
  const own = await owner.own(createOwner());
  try {
    say(`Starting ${candidate} …`);
    const bed = await openBed({ owner: own, env, say }, { dialerMs: DIALER_MS, enforceLimits: true });
    const companies = await addCompanies(bed.stack, Math.max(...steps), { keepWindows: true });
    const { url, pids } = await startAlone(own, bed, { candidate, companies, concurrency: CONCURRENCY });
    // A short run is for a look at the benchmark, not at the figures.
    const atMost = 2_000 * seconds;
    const few = companies.slice(0, Math.min(...steps));
    const callers = Math.ceil(COMPILING_SHARE * few.length);
    const measuredMs = Math.min(COMPILING_MS, atMost);
    await bed.callers({ url, companies: few, callers, warmupMs: 0, measuredMs });
    const rows: StepRow[] = [];
    for (const dialers of steps) {
      if (!(await whenQuiet(bed))) break;
      const load = {
        ...{ url, companies: companies.slice(0, dialers), perSecond: dialers * LEADS_PER_SECOND },
        ...{ warmupMs: Math.min(WARM_UP_MS, atMost), measuredMs: seconds * 1_000 },
      };
      const run = await measureRun(bed, pids, (observer) => bed.paced(load, observer));
      const concurrency = candidate === 'plain-queue' ? CONCURRENCY : undefined;
      const row = rowOf<Step>({ candidate, dialers }, [run], concurrency);
      rows.push(row);
      say(`${candidate}, ${dialers} dialers: p99 ${figure(row.p99Ms)} ms, ${row.errors} errors`);
      if (failedBadly(row)) break;
      await afterStep?.(row, bed, companies);
    }
    const leftOut = steps.slice(rows.length).map((dialers) => ({ candidate, dialers }));
    return { machine: bed.machine, rows, leftOut };
  } finally {
    await own.stop();
  }
}
