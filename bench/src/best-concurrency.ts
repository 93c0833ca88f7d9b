import type { Measure } from './measure.ts';
import { baseline } from './scenario.ts';
import type { TestBed } from './test-bed.ts';

const tried = [16, 50, 150, 500];
const callers = 500;
const measuredMs = 2_000;

/** Finds out with how many jobs at once the plain queue carries most here, and leaves it at that. */
export async function findBestConcurrency(
  bed: TestBed,
  measure: Measure,
  say: (line: string) => void,
): Promise<number> {
  let best = { concurrency: 0, perSecond: -1 };
  for (const concurrency of tried) {
    await bed.setConcurrency(concurrency);
    const { load } = await measure(baseline('plain-queue', callers), { measuredMs });
    say(`plain-queue with ${concurrency} jobs at once: ${Math.round(load.perSecond)} leads/s`);
    if (load.perSecond > best.perSecond) best = { concurrency, perSecond: load.perSecond };
  }
  await bed.setConcurrency(best.concurrency);
  return best.concurrency;
}
