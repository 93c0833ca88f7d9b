import type { Bed } from '../bed/bed.ts';
import type { LoadObserver } from '../load/run-load.ts';
import { type ProcessUsage, usageOf } from '../usage/process-usage.ts';
import type { Candidates } from './candidates.ts';
import type { CandidateName, Point } from './point.ts';
import type { Run } from './row.ts';

export type Measure = (point: Point, measuredMs: number, observer?: LoadObserver) => Promise<Run>;

export interface WarmUp {
  /** Before each measurement: until what was saved up between two is spent. */
  readonly warmupMs: number;
  /** Before a candidate's first measurement instead: until its code is compiled. */
  readonly firstWarmupMs: number;
}

const QUIET_FOR_MS = 300;
const QUIET_WITHIN_MS = 10_000;

/** Measures points one at a time. Each begins when nothing of the one before is under way. */
export function createMeasure(
  bed: Bed,
  candidates: Candidates,
  { warmupMs, firstWarmupMs }: WarmUp,
): Measure {
  const { simulator, stack } = bed;
  const warm = new Set<CandidateName>();

  return async (point, measuredMs, observer) => {
    const { url, pids } = await candidates.prepare(point);
    await simulator.quiet({ forMs: QUIET_FOR_MS, withinMs: QUIET_WITHIN_MS });
    await simulator.forget();
    // A short run is for a look at the benchmark, not at the figures.
    const warmup = Math.min(measuredMs, warm.has(point.candidate) ? warmupMs : firstWarmupMs);
    warm.add(point.candidate);
    let before: ProcessUsage | null = null;
    let after: ProcessUsage | null = null;
    const load = await bed.callers(
      {
        url,
        companies: [{ key: stack.keys.ringcx, campaignId: stack.campaigns.ringcx }],
        callers: point.callers,
        warmupMs: warmup,
        measuredMs,
      },
      {
        async onMeasuring() {
          before = await usageOf(pids);
          await observer?.onMeasuring?.();
        },
        async onMeasured() {
          after = await usageOf(pids);
          await observer?.onMeasured?.();
        },
      },
    );
    return { load, usage: difference(before, after), dialer: await simulator.stats() };
  };
}

function difference(before: ProcessUsage | null, after: ProcessUsage | null): ProcessUsage | null {
  return before && after && { cpuMs: after.cpuMs - before.cpuMs, rssMb: after.rssMb };
}
