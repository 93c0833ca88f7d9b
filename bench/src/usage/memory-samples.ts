import { repeat } from '@live-feed/runtime/repeat';
import { usageOf } from './process-usage.ts';

/** One look at the resident memory of some processes, in their order. */
export interface MemorySample {
  readonly atSeconds: number;
  readonly mb: readonly number[];
}

const everyMs = 1_000;

/** Once a second until it is stopped. Throws from `stop` where there is no /proc, or a process is gone. */
export function sampleMemory(processes: readonly { readonly pid: number }[]) {
  const samples: MemorySample[] = [];
  const fromMs = performance.now();
  let failure: unknown;
  const looking = repeat(
    async () => {
      const each = await Promise.all(processes.map(({ pid }) => usageOf([pid])));
      const mb = each.flatMap((usage) => (usage === null ? [] : [usage.rssMb]));
      if (mb.length < each.length)
        throw new Error('Memory is read from /proc, which this system does not have.');
      samples.push({ atSeconds: (performance.now() - fromMs) / 1_000, mb });
    },
    everyMs,
    (error) => {
      failure ??= error;
    },
  );
  return {
    samples: samples as readonly MemorySample[],
    async stop(): Promise<void> {
      await looking.stop();
      if (failure !== undefined) throw failure;
    },
  };
}
