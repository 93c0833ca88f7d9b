import { createOwner } from '@live-feed/tools/stack/owner';
import { openBed } from '../bed/bed.ts';
import { addCompanies } from '../bed/companies.ts';
import type { Cell, Machine, Verdict } from '../report/finding.ts';
import { atMost } from '../report/verdict.ts';
import type { Scenario, ScenarioOptions } from '../scenario.ts';
import { createCounter } from '../usage/counters.ts';

const COUNTS = [1, 2, 4];
const DIALERS = 8;
const DIALER_MS = 20;
/** The same load on each, so that uploads are alike: with RingCX's 1.8 permits a second and dialer, 28 leads. */
const LEADS_PER_SECOND = 400;
const CALLERS = 200;
const WARM_UP_MS = 4_000;
const SECOND_WARM_UP_MS = 1_500;
const SETTLED_WITHIN_MS = 10_000;
const FLAT_PERCENT = 10;

/** Of each number of replicas. */
interface Replicas {
  readonly ingresses: number;
  readonly workers: number;
  /** At the same load, per lead. */
  readonly commands: number;
  readonly roundTrips: number;
  readonly bytes: number;
  readonly leadsPerUpload: number;
  /** Flat out. */
  readonly perSecond: number;
  readonly errors: number;
}

export const replicas: Scenario = {
  name: 'replicas',
  title: 'More ingresses and workers',
  question: 'Does a lead cost Redis more with more ingresses and workers?',
  note:
    `Per lead: at ${LEADS_PER_SECOND} leads/s over ${DIALERS} dialers within RingCX's windows. Flat out: ${CALLERS} callers, dialers without limits; ` +
    'all of it shares the same cores, so more processes do not carry more here.',
  seconds: { alone: 5, inAll: 5 },
  async run(options) {
    const found: Replicas[] = [];
    let machine: Machine | undefined;
    for (const ingresses of COUNTS) {
      for (const workers of COUNTS) {
        const measured = await measure(options, { ingresses, workers });
        machine = measured.machine;
        found.push(measured.replicas);
        options.say(`${nameOf(measured.replicas)}: ${measured.replicas.commands.toFixed(1)} commands a lead`);
      }
    }
    if (machine === undefined) throw new Error('Nothing was measured.');
    return {
      machine,
      tables: [{ columns, rows: found.map(rowOf) }],
      verdicts: judge(found),
      facts: { replicas: found },
    };
  },
};

async function measure(
  { owner, env, seconds, say }: ScenarioOptions,
  counts: Pick<Replicas, 'ingresses' | 'workers'>,
) {
  const own = await owner.own(createOwner());
  try {
    const setting = { dialerMs: DIALER_MS, enforceLimits: false, replicas: counts };
    const bed = await openBed({ owner: own, env, say }, setting);
    const limited = await addCompanies(bed.stack, DIALERS, { keepWindows: true });
    const free = await addCompanies(bed.stack, DIALERS, { keepWindows: false });
    const counter = createCounter(bed);
    const paced = await bed.paced(
      {
        ...{ companies: limited, perSecond: LEADS_PER_SECOND },
        ...{ warmupMs: WARM_UP_MS, measuredMs: seconds * 1_000 },
      },
      counter.observer,
    );
    const counted = counter.counts();
    await bed.simulator.quiet({ forMs: 300, withinMs: SETTLED_WITHIN_MS });
    const callers = CALLERS / counts.ingresses;
    const flatOut = await Promise.all(
      bed.stack.ingresses.map(({ url }) =>
        bed.callers({
          ...{ companies: free, callers, url },
          ...{ warmupMs: SECOND_WARM_UP_MS, measuredMs: seconds * 1_000 },
        }),
      ),
    );
    const { leads, uploads } = counted;
    const sum = (of: (each: (typeof flatOut)[number]) => number) =>
      flatOut.reduce((total, each) => total + of(each), 0);
    return {
      machine: bed.machine,
      replicas: {
        ...counts,
        commands: counted.redisCommands / leads,
        roundTrips: counted.redisRoundTrips / leads,
        bytes: (counted.redisBytesIn + counted.redisBytesOut) / leads,
        leadsPerUpload: leads / uploads,
        perSecond: sum((each) => each.perSecond),
        errors: paced.errors + sum((each) => each.errors),
      },
    };
  } finally {
    await own.stop();
  }
}

const columns = [
  'ingresses',
  'workers',
  'commands',
  'round trips',
  'bytes',
  'leads/upload',
  'errors',
  'flat out leads/s',
];

function rowOf(each: Replicas): Cell[] {
  const { ingresses, workers, commands, roundTrips, bytes, leadsPerUpload, errors, perSecond } = each;
  const counts = [commands, roundTrips, bytes, leadsPerUpload];
  return [String(ingresses), String(workers), ...counts, String(errors), perSecond];
}

function nameOf({ ingresses, workers }: Pick<Replicas, 'ingresses' | 'workers'>): string {
  return `${ingresses} × ingress, ${workers} × worker`;
}

/** Flat: nowhere more than so much away from one of each, which comes first. */
export function judge(found: readonly Replicas[]): Verdict[] {
  const [one] = found;
  const farthest = (of: (each: Replicas) => number) =>
    one === undefined ? null : Math.max(...found.map((each) => Math.abs(of(each) / of(one) - 1) * 100));
  const flat = (what: string, measured: number | null) =>
    atMost({ what, measured, target: FLAT_PERCENT, unit: '% away from one of each' });
  return [
    flat(
      'Redis commands a lead',
      farthest(({ commands }) => commands),
    ),
    flat(
      'Redis bytes a lead',
      farthest(({ bytes }) => bytes),
    ),
    atMost({
      what: 'all',
      measured: found.reduce((sum, { errors }) => sum + errors, 0),
      target: 0,
      unit: 'errors',
    }),
  ];
}
