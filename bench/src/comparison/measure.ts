import type { Bed } from '../bed/bed.ts';
import { whenQuiet } from '../bed/when-quiet.ts';
import type { LoadResult } from '../load/load-plan.ts';
import type { LoadObserver } from '../load/run-load.ts';
import { usageOf } from '../usage/process-usage.ts';
import { servicesCpu } from '../usage/stage-usage.ts';
import type { Candidates } from './candidates.ts';
import type { CandidateName, Point } from './point.ts';
import type { Run, RunUsage } from './row.ts';

export type Measure = (point: Point, measuredMs: number, observer?: LoadObserver) => Promise<Run>;

export interface WarmUp {
  /** Before each measurement: until what was saved up between two is spent. */
  readonly warmupMs: number;
  /** Before a candidate's first measurement instead: until its code is compiled. */
  readonly firstWarmupMs: number;
}

/** Measures points one at a time. */
export function createMeasure(
  bed: Bed,
  candidates: Candidates,
  { warmupMs, firstWarmupMs }: WarmUp,
): Measure {
  const { stack } = bed;
  const warm = new Set<CandidateName>();

  return async (point, measuredMs, observer) => {
    const { url, pids } = await candidates.prepare(point);
    // A short run is for a look at the benchmark, not at the figures.
    const warmup = Math.min(measuredMs, warm.has(point.candidate) ? warmupMs : firstWarmupMs);
    warm.add(point.candidate);
    const companies = [{ key: stack.keys.ringcx, campaignId: stack.campaigns.ringcx }];
    const load = { url, companies, callers: point.callers, warmupMs: warmup, measuredMs };
    return measureRun(bed, pids, (own) => bed.callers(load, own), observer);
  };
}

/** Measures a load on a candidate with these processes. Begins when nothing of the one before is under way. */
export async function measureRun(
  bed: Bed,
  pids: readonly number[],
  load: (observer: LoadObserver) => Promise<LoadResult>,
  observer: LoadObserver = {},
): Promise<Run> {
  await whenQuiet(bed);
  await bed.simulator.forget();
  let before: RunUsage | null = null;
  let after: RunUsage | null = null;
  const result = await load({
    async onMeasuring() {
      before = await look(bed, pids);
      await observer.onMeasuring?.();
    },
    async onMeasured() {
      after = await look(bed, pids);
      await observer.onMeasured?.();
    },
  });
  return { load: result, usage: difference(before, after), dialer: await bed.simulator.stats() };
}

async function look(bed: Bed, pids: readonly number[]): Promise<RunUsage | null> {
  const { leads } = await bed.simulator.stats();
  const own = await usageOf(pids);
  const services = await servicesCpu(bed);
  return (
    own && services && { ...own, servicesCpuMs: services.redis + services.postgres, leads: leads.inserted }
  );
}

function difference(before: RunUsage | null, after: RunUsage | null): RunUsage | null {
  return (
    before &&
    after && {
      cpuMs: after.cpuMs - before.cpuMs,
      servicesCpuMs: after.servicesCpuMs - before.servicesCpuMs,
      leads: after.leads - before.leads,
      rssMb: after.rssMb,
    }
  );
}
