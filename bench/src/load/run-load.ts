import { fileURLToPath } from 'node:url';
import type { Owner } from '@live-feed/tools/stack/owner';
import { startScript } from '../start-script.ts';
import { type LoadPlan, type LoadReport, type LoadResult, loadReportSchema } from './load-plan.ts';

const generator = fileURLToPath(new URL('./generator.ts', import.meta.url));
const startLimitMs = 30_000;

/** Lets a process of its own put load on a candidate. `onMeasuring` and `onMeasured` are called as the measured time begins and ends. */
export async function runLoad(
  owner: Owner,
  plan: LoadPlan,
  { onMeasuring, onMeasured }: { onMeasuring: () => Promise<void>; onMeasured: () => Promise<void> },
): Promise<LoadResult> {
  const load = await owner.own(
    await startScript({ name: 'load generator', path: generator, input: JSON.stringify(plan) }),
  );
  try {
    await load.printed(/"phase":"measuring"/, plan.warmupMs + startLimitMs);
    await onMeasuring();
    const line = await load.printed(/"phase":"measured"/, plan.measuredMs + startLimitMs);
    await onMeasured();
    return resultOf(loadReportSchema.parse(JSON.parse(line)));
  } finally {
    await load.stop();
  }
}

function resultOf(report: LoadReport): LoadResult {
  if (report.phase === 'measured') return report.result;
  throw new Error('The load generator told of no result.');
}
