import type { Company } from '@live-feed/tests/kit/system/company';
import { type Bed, openBed } from '../bed/bed.ts';
import { addCompanies } from '../bed/companies.ts';
import type { LoadResult } from '../load/load-plan.ts';
import { unnoticed } from '../report/verdict.ts';
import type { Scenario } from '../scenario.ts';

const TENANTS = 200;
/** Of each of them. With everything on two cores, the first leaves the flood no room. */
const RATES = [1, 0.5, 0.25];
/** With RingCX's 1.8 uploads a second and 500 leads in each, a dialer carries 900 leads/s; so many callers have less than half of it. */
const FLOODING_CALLERS = 200;
const DIALER_MS = 150;
/** Until code is compiled, and what piled up meanwhile is gone. */
const FIRST_WARM_UP_MS = 15_000;
const WARM_UP_MS = 2_000;
/** The flood begins before and ends after what is measured beside it. */
const FLOOD_MARGIN_MS = 10_000;

interface Tenancy {
  readonly bed: Bed;
  readonly tenants: Company[];
  readonly flooding: Company[];
  readonly perSecond: number;
  readonly measuredMs: number;
}

export const tenants: Scenario = {
  name: 'tenants',
  title: 'Many dialers beside one that floods',
  question: `What do ${TENANTS} dialers with ${RATES.join(' or ')} lead/s each notice of one that floods below its capacity?`,
  note: "RingCX's windows are enforced; an upload takes 150 ms. Waiting is counted from when a lead was due.",
  seconds: { alone: 10, inAll: 10 },
  async run({ owner, env, seconds, say }) {
    const bed = await openBed({ owner, env, say }, { dialerMs: DIALER_MS, enforceLimits: true });
    const quiet = await addCompanies(bed.stack, TENANTS, { keepWindows: true });
    const flooding = await addCompanies(bed.stack, 1, { keepWindows: true });
    const measuredMs = seconds * 1_000;
    // A short run is for a look at the benchmark, not at the figures.
    let warmupMs = Math.min(FIRST_WARM_UP_MS, 2 * measuredMs);
    const found: { rate: number; without: LoadResult; beside: LoadResult; flood: LoadResult }[] = [];
    for (const rate of RATES) {
      const perSecond = TENANTS * rate;
      say(`${TENANTS} dialers with ${rate} lead/s each alone …`);
      const without = await bed.paced({ companies: quiet, perSecond, measuredMs, warmupMs });
      say('and beside the flood …');
      found.push({
        rate,
        without,
        ...(await besideFlood({ bed, tenants: quiet, flooding, perSecond, measuredMs })),
      });
      warmupMs = WARM_UP_MS;
    }
    return {
      machine: bed.machine,
      tables: [
        {
          columns: ['', 'leads/s', 'p50 ms', 'p99 ms', 'errors', 'load CPU %'],
          rows: found.flatMap(({ rate, without, beside, flood }) => [
            rowOf(`${TENANTS} × ${rate} lead/s, alone`, without),
            rowOf(`${TENANTS} × ${rate} lead/s, beside the flood`, beside),
            rowOf(`the flood, ${FLOODING_CALLERS} callers`, flood),
          ]),
        },
      ],
      verdicts: found.flatMap(({ rate, without, beside }) =>
        unnoticed(`${TENANTS} dialers with ${rate} lead/s beside a flood`, without, beside),
      ),
      facts: { found },
    };
  },
};

async function besideFlood({ bed, tenants: companies, flooding, perSecond, measuredMs }: Tenancy) {
  const floodMs = measuredMs + FLOOD_MARGIN_MS;
  let beside: LoadResult | undefined;
  const flood = await bed.callers(
    { companies: flooding, callers: FLOODING_CALLERS, warmupMs: WARM_UP_MS, measuredMs: floodMs },
    {
      onMeasuring: async () => {
        const fromMs = performance.now();
        beside = await bed.paced(
          { companies, perSecond, measuredMs, warmupMs: WARM_UP_MS },
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

function rowOf(name: string, { perSecond, p50Ms, p99Ms, errors, generatorCpuPercent }: LoadResult) {
  return [name, perSecond, p50Ms, p99Ms, String(errors), generatorCpuPercent];
}
