import type { SimulatorStats } from '../bed/simulator-control.ts';
import { median } from '../figures/median.ts';
import type { LoadResult } from '../load/load-plan.ts';
import type { ProcessUsage } from '../usage/process-usage.ts';
import type { CandidateName, Point } from './point.ts';

/** Of the measured time; memory at its end. */
export interface RunUsage extends ProcessUsage {
  /** CPU time of Redis and PostgreSQL. */
  readonly servicesCpuMs: number;
  /** Leads that the dialing system took meanwhile. */
  readonly leads: number;
}

/** One run of one point. */
export interface Run {
  readonly load: LoadResult;
  /** CPU and memory are of the candidate's processes. Null where the system does not tell. */
  readonly usage: RunUsage | null;
  /** Of the whole run. */
  readonly dialer: SimulatorStats;
}

/** What came of a point: medians over its runs; errors and 429s are added up. Null: not known, or nothing to measure. */
export interface Figures {
  /** Only the plain queue's: jobs at once. */
  readonly concurrency?: number;
  /** Leads accepted by the dialing system and answered with 200. */
  readonly perSecond: number;
  readonly p50Ms: number | null;
  readonly p99Ms: number | null;
  readonly errors: number;
  readonly errorsBy: Readonly<Record<string, number>>;
  /** 429s that the dialing system gave. */
  readonly dialer429: number;
  /** Leads in an upload on average; the largest upload. */
  readonly uploadMean: number;
  readonly uploadLargest: number;
  /** Of the candidate's processes, without the services. */
  readonly rssMb: number | null;
  readonly cpuMicrosPerLead: number | null;
  /** With Redis and PostgreSQL. */
  readonly allCpuMicrosPerLead: number | null;
  readonly generatorCpuPercent: number;
}

/** What was measured, and what came of it. */
export type RowOf<What> = What & Figures;
export type Row = RowOf<Point>;

export function rowOf<What>(what: What, runs: readonly Run[], concurrency: number | undefined): RowOf<What> {
  const middle = (of: (run: Run) => number) => median(runs.map(of));
  const middleIfAny = (of: (run: Run) => number | null) => {
    const known = runs.map(of).filter((value) => value !== null);
    return known.length === 0 ? null : median(known);
  };
  const sum = (of: (run: Run) => number) => runs.reduce((total, run) => total + of(run), 0);
  return {
    ...what,
    ...(concurrency === undefined ? {} : { concurrency }),
    perSecond: middle(({ load }) => load.perSecond),
    p50Ms: middleIfAny(({ load }) => load.p50Ms),
    p99Ms: middleIfAny(({ load }) => load.p99Ms),
    errors: sum(({ load }) => load.errors),
    errorsBy: addUp(runs.map(({ load }) => load.errorsBy)),
    dialer429: sum(({ dialer }) => dialer.throttled),
    uploadMean: middle(({ dialer }) => dialer.uploadSizes.mean),
    uploadLargest: Math.max(...runs.map(({ dialer }) => dialer.uploadSizes.max)),
    rssMb: middleIfAny(({ usage }) => usage?.rssMb ?? null),
    cpuMicrosPerLead: middleIfAny(({ usage }) => usage && microsPerLead(usage.cpuMs, usage)),
    allCpuMicrosPerLead: middleIfAny(
      ({ usage }) => usage && microsPerLead(usage.cpuMs + usage.servicesCpuMs, usage),
    ),
    generatorCpuPercent: middle(({ load }) => load.generatorCpuPercent),
  };
}

function microsPerLead(cpuMs: number, { leads }: RunUsage): number | null {
  return leads === 0 ? null : (cpuMs * 1_000) / leads;
}

/** The row of a candidate with so many callers; of several, the first. */
export function findRow(rows: readonly Row[], candidate: CandidateName, callers: number): Row | undefined {
  return rows.find((row) => row.candidate === candidate && row.callers === callers);
}

function addUp(counts: readonly Readonly<Record<string, number>>[]): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const each of counts) {
    for (const [name, count] of Object.entries(each)) sums[name] = (sums[name] ?? 0) + count;
  }
  return sums;
}
