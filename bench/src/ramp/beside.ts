import type { Company } from '@live-feed/tests/kit/system/company';
import type { Bed } from '../bed/bed.ts';
import { whenQuiet } from '../bed/when-quiet.ts';
import type { LoadResult } from '../load/load-plan.ts';
import type { LoadObserver } from '../load/run-load.ts';
import { LEADS_PER_SECOND } from './step.ts';

export const WARM_UP_MS = 2_000;
/** The other load begins before and ends after what is measured beside it. */
const MARGIN_MS = 10_000;

/** Measures companies of Live Feed once more, beside another load. @param runOther puts it on for so long */
export async function measureBeside(
  bed: Bed,
  companies: readonly Company[],
  measuredMs: number,
  runOther: (measuredMs: number, observer: LoadObserver) => Promise<LoadResult>,
): Promise<{ readonly beside: LoadResult; readonly other: LoadResult }> {
  await whenQuiet(bed);
  const otherMs = measuredMs + MARGIN_MS;
  const perSecond = companies.length * LEADS_PER_SECOND;
  let beside: LoadResult | undefined;
  const other = await runOther(otherMs, {
    onMeasuring: async () => {
      const fromMs = performance.now();
      beside = await bed.paced(
        { companies: [...companies], perSecond, measuredMs, warmupMs: WARM_UP_MS },
        {
          onMeasured: async () => {
            if (performance.now() - fromMs > otherMs) throw new Error('The other load ended first.');
          },
        },
      );
    },
  });
  if (beside === undefined) throw new Error('Nothing was measured beside the other load.');
  return { beside, other };
}
