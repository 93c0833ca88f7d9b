import type { Owner } from '@live-feed/tools/stack/owner';
import { phoneRanges } from './load/phone-ranges.ts';
import { runLoad } from './load/run-load.ts';
import { type ProcessUsage, usageOf } from './process-usage.ts';
import type { Run } from './row.ts';
import type { CandidateName, Point, Scenario } from './scenario.ts';
import type { TestBed } from './test-bed.ts';

interface Measurement {
  readonly measuredMs: number;
  /** Told when the measured time begins and ends. */
  readonly observer?: { begin(): Promise<void>; end(): Promise<void> };
}

export type Measure = (point: Point, measurement: Measurement) => Promise<Run>;

const quietForMs = 300;
const quietWithinMs = 10_000;

/** Measures points one at a time; each begins when the one before has left nothing behind. */
export function createMeasure(owner: Owner, bed: TestBed, { warmupMs, firstWarmupMs }: Scenario): Measure {
  const { simulator, stack } = bed;
  const warm = new Set<CandidateName>();
  const nextPhones = phoneRanges();

  return async (point, { measuredMs, observer }) => {
    const candidate = await bed.candidateFor(point);
    await simulator.quiet({ forMs: quietForMs, withinMs: quietWithinMs });
    await simulator.forget();
    const plan = {
      kind: 'callers' as const,
      url: new URL('/live-feed/ringcx', candidate.url).href,
      companies: [{ apiKey: stack.keys.ringcx, campaignId: stack.campaigns.ringcx }],
      callers: point.callers,
      // A short run is for a look at the benchmark, not at the figures.
      warmupMs: Math.min(measuredMs, warm.has(point.candidate) ? warmupMs : firstWarmupMs),
      measuredMs,
      firstPhone: nextPhones(),
    };
    warm.add(point.candidate);
    let before: ProcessUsage | null = null;
    let after: ProcessUsage | null = null;
    const load = await runLoad(owner, plan, {
      onMeasuring: async () => {
        before = await usageOf(candidate.pids);
        await observer?.begin();
      },
      onMeasured: async () => {
        after = await usageOf(candidate.pids);
        await observer?.end();
      },
    });
    return { load, usage: difference(before, after), dialer: await simulator.stats() };
  };
}

function difference(before: ProcessUsage | null, after: ProcessUsage | null): ProcessUsage | null {
  return before && after && { cpuMs: after.cpuMs - before.cpuMs, rssMb: after.rssMb };
}
