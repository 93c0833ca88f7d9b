import { fileURLToPath } from 'node:url';
import type { Owner } from '@live-feed/tools/stack/owner';
import { startScript } from '../bed/start-script.ts';
import {
  type CallersPlan,
  type LoadReport,
  type LoadResult,
  loadReportSchema,
  type PacedPlan,
} from './load-plan.ts';

const generators = {
  callers: fileURLToPath(new URL('./generator.ts', import.meta.url)),
  paced: fileURLToPath(new URL('./paced-generator.ts', import.meta.url)),
} as const;

const startLimitMs = 30_000;
/** Of a paced load, the last answers are waited for. */
const resultLimitMs = 60_000;

export interface LoadObserver {
  /** The measured time begins. */
  onMeasuring?(): Promise<void>;
  /** It is over. */
  onMeasured?(): Promise<void>;
}

/** Lets a process of its own put load on a candidate. */
export async function runLoad(
  owner: Owner,
  plan: CallersPlan | PacedPlan,
  observer: LoadObserver = {},
): Promise<LoadResult> {
  const load = await owner.own(
    await startScript({ name: 'load generator', path: generators[plan.kind], input: JSON.stringify(plan) }),
  );
  try {
    await load.printed(/"phase":"measuring"/, plan.warmupMs + startLimitMs);
    await observer.onMeasuring?.();
    await load.printed(/"phase":"measured"/, plan.measuredMs + startLimitMs);
    await observer.onMeasured?.();
    const line = await load.printed(/"phase":"result"/, resultLimitMs);
    return resultOf(loadReportSchema.parse(JSON.parse(line)));
  } finally {
    await load.stop();
  }
}

function resultOf(report: LoadReport): LoadResult {
  if (report.phase === 'result') return report.result;
  throw new Error('The load generator told of no result.');
}
