import { setTimeout as delay } from 'node:timers/promises';
import { addCompanies, type Company } from '../companies.ts';
import { type Counts, createCounter } from '../counters.ts';
import type { Cell, Verdict } from '../finding.ts';
import type { LoadResult } from '../load/load-plan.ts';
import { type OwnBed, openOwnBed } from '../own-bed.ts';
import { usageOf } from '../process-usage.ts';
import type { StageCpu } from '../stage-usage.ts';
import type { Study } from '../study.ts';
import { atMost } from '../verdict.ts';

const ACTIVE = 50;
const CONFIGURED = 1_000;
const LEADS_PER_SECOND = 1;
const DIALER_MS = 150;
const WARM_UP_MS = 4_000;
/** After the last lead, until lanes are given up and idle is idle. */
const SETTLE_MS = 3_000;

export const dialers: Study = {
  name: 'dialers',
  title: 'Many dialers, few of them active',
  question: `What do ${(CONFIGURED - ACTIVE).toLocaleString('en')} idle dialers cost, and do the ${ACTIVE} active ones notice?`,
  note: `Idle: nobody sends anything. Active: ${ACTIVE} dialers with ${LEADS_PER_SECOND} lead/s each; RingCX's windows are enforced; an upload takes ${DIALER_MS} ms.`,
  seconds: { alone: 60, inAll: 15 },
  async run({ owner, env, seconds, say }) {
    const bed = await openOwnBed({ owner, env, say }, { dialerMs: DIALER_MS, enforceLimits: true });
    const active = await addCompanies(bed.stack, ACTIVE, { keepWindows: true });
    const levels: Level[] = [];
    for (const configured of [ACTIVE, CONFIGURED]) {
      await addCompanies(bed.stack, configured - ACTIVE, { keepWindows: true });
      say(`${configured} dialers configured, ${ACTIVE} active …`);
      const load = await activeTime(bed, active, seconds);
      await delay(SETTLE_MS);
      say('all idle …');
      levels.push({ configured, load, ...(await idleTime(bed, seconds)) });
    }
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
      verdicts: judge(levels),
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

function activeTime(bed: OwnBed, companies: Company[], seconds: number): Promise<LoadResult> {
  const perSecond = companies.length * LEADS_PER_SECOND;
  return bed.paced({ companies, perSecond, warmupMs: WARM_UP_MS, measuredMs: seconds * 1_000 });
}

async function idleTime(bed: OwnBed, seconds: number) {
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

/** The active ones wait no longer beside the idle ones than tenants may beside a flood. */
export function judge(levels: readonly Pick<Level, 'load'>[]): Verdict[] {
  const [few, many] = levels;
  const before = few?.load.p99Ms ?? 0;
  const what = `${ACTIVE} active of ${CONFIGURED.toLocaleString('en')}`;
  return [
    atMost({
      what,
      measured: many?.load.p99Ms ?? null,
      target: Math.max(2 * before, before + 100),
      unit: 'ms p99',
    }),
    atMost({
      what,
      measured: levels.reduce((sum, { load }) => sum + load.errors, 0),
      target: 0,
      unit: 'errors',
    }),
  ];
}
