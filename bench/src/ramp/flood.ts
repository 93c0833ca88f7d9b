import type { Company } from '@live-feed/tests/kit/system/company';
import type { Bed } from '../bed/bed.ts';
import { addCompanies } from '../bed/companies.ts';
import { whenQuiet } from '../bed/when-quiet.ts';
import type { LoadResult } from '../load/load-plan.ts';
import { LEADS_PER_SECOND } from './step.ts';

/** With RingCX's 1.8 uploads a second and 500 leads in each, a dialer carries 900 leads/s; so many callers have less than half of it. */
export const FLOODING_CALLERS = 200;
const WARM_UP_MS = 2_000;
/** The flood begins before and ends after what is measured beside it. */
const FLOOD_MARGIN_MS = 10_000;

export interface Flooded {
  /** What the others saw, and what the flooding callers. */
  readonly beside: LoadResult;
  readonly flood: LoadResult;
}

/** Measures companies of Live Feed once more, while callers of one more company send as many leads as they are answered. */
export async function besideFlood(
  bed: Bed,
  companies: readonly Company[],
  measuredMs: number,
): Promise<Flooded> {
  const flooding = await addCompanies(bed.stack, 1, { keepWindows: true });
  await whenQuiet(bed);
  const floodMs = measuredMs + FLOOD_MARGIN_MS;
  const perSecond = companies.length * LEADS_PER_SECOND;
  let beside: LoadResult | undefined;
  const flood = await bed.callers(
    { companies: flooding, callers: FLOODING_CALLERS, warmupMs: WARM_UP_MS, measuredMs: floodMs },
    {
      onMeasuring: async () => {
        const fromMs = performance.now();
        beside = await bed.paced(
          { companies: [...companies], perSecond, measuredMs, warmupMs: WARM_UP_MS },
          {
            onMeasured: async () => {
              if (performance.now() - fromMs > floodMs) throw new Error('The flood ended first.');
            },
          },
        );
      },
    },
  );
  if (beside === undefined) throw new Error('Nothing was measured beside the flood.');
  return { beside, flood };
}
