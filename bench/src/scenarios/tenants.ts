import { CANDIDATES, type CandidateName } from '../comparison/point.ts';
import { rowTable } from '../comparison/row-table.ts';
import type { LoadResult } from '../load/load-plan.ts';
import { besideFlood, FLOODING_CALLERS } from '../ramp/flood.ts';
import { besideLockedRows } from '../ramp/locked-rows.ts';
import { type Climbed, climb, DIALER_MS } from '../ramp/ramp.ts';
import { capacityOf, LEADS_PER_SECOND, type Step, type StepRow } from '../ramp/step.ts';
import type { Table, Verdict } from '../report/finding.ts';
import { atLeast, atMost, unnoticed } from '../report/verdict.ts';
import type { Scenario } from '../scenario.ts';

const STEPS = [100, 200, 400, 800];
/** The step that is compared, and measured beside a flood and beside a company whose rows are locked. */
const COMPARED = 200;
const ADDED_MS = 150;
const CPU_FACTOR = 2.5;
const CAPACITY_FACTOR = 0.5;
const LEAST_CAPACITY = 400;

/** Live Feed's step, what it was beside a flood, and beside a company whose rows are locked again and again. */
interface Beside {
  readonly alone: StepRow;
  readonly flooded: LoadResult;
  readonly flood: LoadResult;
  readonly besideLocked: LoadResult;
  readonly locked: LoadResult;
}

export interface Tenancy {
  readonly steps: readonly number[];
  readonly rows: readonly StepRow[];
  readonly capacity: Partial<Record<CandidateName, number>>;
  /** Null: not measured. */
  readonly beside: Beside | null;
}

export const tenants: Scenario = {
  name: 'tenants',
  title: 'Many dialers at once',
  question: `How many dialers with ${LEADS_PER_SECOND} lead/s each are carried, and what do ${COMPARED} notice of one that floods below its capacity, or has its rows locked?`,
  note: `RingCX's windows are enforced; an upload takes ${DIALER_MS} ms. Each candidate runs alone and starts anew. Waiting is counted from when a lead was due.`,
  seconds: { alone: 10, inAll: 10 },
  narrows: true,
  async run({ dialers: steps = STEPS, candidates = CANDIDATES, ...options }) {
    const flooded = steps.find((dialers) => dialers >= COMPARED) ?? Math.max(...steps);
    const climbs: Climbed[] = [];
    let beside: Beside | null = null;
    for (const candidate of candidates) {
      const climbed = await climb(options, {
        candidate,
        steps,
        async afterStep(alone, bed, companies) {
          if (candidate !== 'live-feed' || alone.dialers !== flooded) return;
          const others = companies.slice(0, flooded);
          const measuredMs = options.seconds * 1_000;
          options.say(`${flooded} dialers beside locked rows …`);
          const locked = await besideLockedRows(bed, others, measuredMs);
          options.say(`${flooded} dialers beside the flood …`);
          const flood = await besideFlood(bed, others, measuredMs);
          beside = {
            alone,
            ...{ flooded: flood.beside, flood: flood.other },
            ...{ besideLocked: locked.beside, locked: locked.other },
          };
        },
      });
      climbs.push(climbed);
    }
    const [first] = climbs;
    if (first === undefined) throw new Error('There is no candidate to measure.');
    const rows = climbs.flatMap((climbed) => climbed.rows);
    const capacity = capacities(candidates, rows);
    return {
      machine: first.machine,
      tables: [
        rowTable<Step>(rows, [['dialers', ({ dialers }) => String(dialers)]]),
        ...(beside === null ? [] : [besideTable(beside)]),
      ],
      remarks: [...remarks(capacity), ...climbs.flatMap(leftOut), ...rows.flatMap(errors)],
      verdicts: judge({ steps, rows, capacity, beside }),
      facts: { rows, capacity, beside },
    };
  },
};

function capacities(candidates: readonly CandidateName[], rows: readonly StepRow[]): Tenancy['capacity'] {
  return Object.fromEntries(
    candidates.map((name) => [name, capacityOf(rows.filter(({ candidate }) => candidate === name))]),
  );
}

/** What was not run, or gave nothing to compare with, sets no target. */
export function judge({ steps, rows, capacity, beside }: Tenancy): Verdict[] {
  if (capacity['live-feed'] === undefined) return [];
  return [
    ...(steps.includes(COMPARED) ? judgeCompared(rows) : []),
    ...judgeCapacity(capacity['live-feed'], capacity['plain-queue'], Math.max(...steps)),
    ...judgeBeside(beside),
  ];
}

function judgeCompared(rows: readonly StepRow[]): Verdict[] {
  const find = (name: CandidateName) =>
    rows.find(({ candidate, dialers }) => candidate === name && dialers === COMPARED);
  const [ours, theirs] = [find('live-feed'), find('plain-queue')];
  const what = `${COMPARED} dialers, beside plain-queue`;
  const judged: Verdict[] = [];
  if (theirs?.p99Ms) {
    const target = theirs.p99Ms + ADDED_MS;
    judged.push(atMost({ what, measured: ours?.p99Ms ?? null, target, unit: 'ms p99' }));
  }
  if (theirs?.allCpuMicrosPerLead) {
    const target = CPU_FACTOR * theirs.allCpuMicrosPerLead;
    judged.push(
      atMost({ what, measured: ours?.allCpuMicrosPerLead ?? null, target, unit: 'µs CPU with services' }),
    );
  }
  return judged;
}

function judgeCapacity(measured: number, theirs: number | undefined, most: number): Verdict[] {
  const unit = 'leads/s';
  const judged: Verdict[] = [];
  if (theirs !== undefined && theirs > 0) {
    const what = 'capacity, beside plain-queue';
    judged.push(atLeast({ what, measured, target: CAPACITY_FACTOR * theirs, unit }));
  }
  if (most * LEADS_PER_SECOND >= LEAST_CAPACITY)
    judged.push(atLeast({ what: 'capacity', measured, target: LEAST_CAPACITY, unit }));
  return judged;
}

function judgeBeside(beside: Beside | null): Verdict[] {
  if (beside === null) return [atMost({ what: 'beside a flood', measured: null, target: 0, unit: 'ms p99' })];
  const { alone, flooded, besideLocked } = beside;
  return [
    ...unnoticed(`${alone.dialers} dialers beside a flood`, alone, flooded),
    ...unnoticed(`${alone.dialers} dialers beside locked rows`, alone, besideLocked),
  ];
}

function besideTable({ alone, flooded, flood, besideLocked, locked }: Beside): Table {
  const name = `${alone.dialers} dialers`;
  const row = (what: string, load: Omit<LoadResult, 'accepted' | 'whole'>) => [
    ...[what, load.perSecond, load.p50Ms, load.p99Ms],
    ...[String(load.errors), load.generatorCpuPercent],
  ];
  return {
    title: 'Live Feed beside a company that floods, and one whose rows are locked for 400 of every 500 ms',
    columns: ['', 'leads/s', 'p50 ms', 'p99 ms', 'errors', 'load CPU %'],
    rows: [
      row(`${name}, alone`, alone),
      row(`${name}, beside the flood`, flooded),
      row(`the flood, ${FLOODING_CALLERS} callers`, flood),
      row(`${name}, beside locked rows`, besideLocked),
      row('the company with locked rows', locked),
    ],
  };
}

function remarks(capacity: Tenancy['capacity']): string[] {
  const each = Object.entries(capacity).map(([candidate, perSecond]) => `${candidate} ${perSecond}`);
  return [`Capacity in leads/s, with p99 ≤ 1 s and no error: ${each.join(', ')}.`];
}

function leftOut({ leftOut: steps }: Climbed): string[] {
  const [first] = steps;
  if (first === undefined) return [];
  const counts = steps.map(({ dialers }) => dialers).join(', ');
  return [
    `${first.candidate} with ${counts} dialers was left out: with fewer it failed badly, or was not done a minute later.`,
  ];
}

function errors(row: StepRow): string[] {
  if (row.errors === 0) return [];
  return [`Errors of ${row.candidate} with ${row.dialers} dialers: ${JSON.stringify(row.errorsBy)}.`];
}
