import type { Candidates } from './candidates.ts';
import type { Measure } from './measure.ts';
import { baseline } from './point.ts';

const tried = [16, 50, 150, 500];
const callers = 500;
const measuredMs = 2_000;

/** Finds the number of jobs at once with which the plain queue carries most here, and sets it. */
export async function findBestConcurrency(
  candidates: Candidates,
  measure: Measure,
  say: (line: string) => void,
): Promise<number> {
  let best = { concurrency: 0, perSecond: -1 };
  for (const concurrency of tried) {
    await candidates.setConcurrency(concurrency);
    const { load } = await measure(baseline('plain-queue', callers), measuredMs);
    say(`plain-queue with ${concurrency} jobs at once: ${Math.round(load.perSecond)} leads/s`);
    if (load.perSecond > best.perSecond) best = { concurrency, perSecond: load.perSecond };
  }
  await candidates.setConcurrency(best.concurrency);
  return best.concurrency;
}
