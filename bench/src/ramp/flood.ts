import type { Company } from '@live-feed/tests/kit/system/company';
import type { Bed } from '../bed/bed.ts';
import { addCompanies } from '../bed/companies.ts';
import type { LoadResult } from '../load/load-plan.ts';
import { measureBeside, WARM_UP_MS } from './beside.ts';

/** With RingCX's 1.8 uploads a second and 500 leads in each, a dialer carries 900 leads/s; so many callers have less than half of it. */
export const FLOODING_CALLERS = 200;

/** Measures companies while callers of one more company send as many leads as they are answered. */
export async function besideFlood(
  bed: Bed,
  companies: readonly Company[],
  measuredMs: number,
): Promise<{ readonly beside: LoadResult; readonly other: LoadResult }> {
  const flooding = await addCompanies(bed.stack, 1, { keepWindows: true });
  return measureBeside(bed, companies, measuredMs, (floodMs, observer) =>
    bed.callers(
      { companies: flooding, callers: FLOODING_CALLERS, warmupMs: WARM_UP_MS, measuredMs: floodMs },
      observer,
    ),
  );
}
