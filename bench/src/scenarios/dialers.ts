import { setTimeout as delay } from 'node:timers/promises';
import type { Company } from '@live-feed/tests/kit/system/company';
import { type Bed, openBed } from '../bed/bed.ts';
import { addCompanies } from '../bed/companies.ts';
import type { LoadResult } from '../load/load-plan.ts';
import type { Cell } from '../report/finding.ts';
import { unnoticed } from '../report/verdict.ts';
import type { Scenario, ScenarioOptions } from '../scenario.ts';
import { type Counts, createCounter } from '../usage/counters.ts';
import { usageOf } from '../usage/process-usage.ts';
import type { StageCpu } from '../usage/stage-usage.ts';

const ACTIVE = 50;
const CONFIGURED = 1_000;
const LEADS_PER_SECOND = 1;
const DIALER_MS = 150;
/** Until code is compiled, and what piled up meanwhile is gone. */
const WARM_UP_MS = 10_000;
/** After the last lead, until lanes have been given back: only then idle is idle. */
const SETTLE_MS = 20_000;

export const dialers: Scenario = {
  name: 'dialers',
  title: 'Many dialers, few of them active',
  question: `What do ${(CONFIGURED - ACTIVE).toLocaleString('en')} idle dialers cost, and do the ${ACTIVE} active ones notice?`,
  note: `Idle: nobody sends anything. Active: ${ACTIVE} dialers with ${LEADS_PER_SECOND} lead/s each; RingCX's windows are enforced; an upload takes ${DIALER_MS} ms.`,
  seconds: { alone: 60, inAll: 15 },
  async run({ owner, env, seconds, say }) {
    const bed = await openBed({ owner, env, say }, { dialerMs: DIALER_MS, enforceLimits: true });
    const active = await addCompanies(bed.stack, ACTIVE, { keepWindows: true });
    // A short run is for a look at the benchmark, not at the figures.
    const warmupMs = Math.min(WARM_UP_MS, 2_000 * seconds);
    const settleMs = Math.min(SETTLE_MS, 4_000 * seconds);
    const few = await level(bed, ACTIVE, { active, seconds, warmupMs, say });
    await addCompanies(bed.stack, CONFIGURED - ACTIVE, { keepWindows: true });
    await delay(settleMs);
    const many = await level(bed, CONFIGURED, { active, seconds, warmupMs, say });
    const levels = [few, many];
    return {
      machine: bed.machine,
      tables: [
        {
          title: 'The active ones',
          columns: ['configured', 'leads/s', 'p50 ms', 'p99 ms', 'errors'],
          rows: levels.map(activeRow),
        },
        {
          title: 'All idle',
          columns: idleColumns,
          rows: levels.map(idleRow),
        },
      ],
      verdicts: unnoticed(`${ACTIVE} active of ${CONFIGURED.toLocaleString('en')}`, few.load, many.load),
      facts: { levels },
    };
  },
};

interface Level {
  readonly configured: number;
  readonly load: LoadResult;
  readonly idleSeconds: number;
  readonly idle: Counts;
  readonly ingressMb: number | null;
  readonly workerMb: number | null;
}

async function level(
  bed: Bed,
  configured: number,
  options: Pick<ScenarioOptions, 'seconds' | 'say'> & {
    readonly active: Company[];
    readonly warmupMs: number;
  },
): Promise<Level> {
  const { active, seconds, warmupMs, say } = options;
  say(`${configured} dialers configured, all idle …`);
  const idle = await idleTime(bed, seconds);
  say(`${ACTIVE} of them active …`);
  const perSecond = ACTIVE * LEADS_PER_SECOND;
  const load = await bed.paced({ companies: active, perSecond, warmupMs, measuredMs: seconds * 1_000 });
  return { configured, load, ...idle };
}

async function idleTime(bed: Bed, seconds: number) {
  const { observer, counts } = createCounter(bed);
  await observer.onMeasuring();
  const fromMs = performance.now();
  await delay(seconds * 1_000);
  await observer.onMeasured();
  const mbOf = async (processes: readonly { readonly pid: number }[]) =>
    (await usageOf(processes.map(({ pid }) => pid)))?.rssMb ?? null;
  return {
    idleSeconds: (performance.now() - fromMs) / 1_000,
    idle: counts(),
    ingressMb: await mbOf(bed.stack.ingresses),
    workerMb: await mbOf(bed.stack.workers),
  };
}

const activeRow = ({ configured, load }: Level): Cell[] => [
  configured.toLocaleString('en'),
  load.perSecond,
  load.p50Ms,
  load.p99Ms,
  String(load.errors),
];

const idleColumns = [
  'configured',
  'Redis commands/s',
  'SQL statements/s',
  'CPU ms/min: ingress',
  'worker',
  'Redis',
  'PostgreSQL',
  'RSS MiB: ingress',
  'worker',
];

function idleRow({ configured, idle, idleSeconds, ingressMb, workerMb }: Level): Cell[] {
  const perMinute = (stage: keyof StageCpu) => idle.cpuMs && (idle.cpuMs[stage] / idleSeconds) * 60;
  return [
    configured.toLocaleString('en'),
    idle.redisCommands / idleSeconds,
    idle.statements / idleSeconds,
    ...(['ingress', 'worker', 'redis', 'postgres'] as const).map(perMinute),
    ingressMb,
    workerMb,
  ];
}
