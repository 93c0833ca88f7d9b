import { createOwner } from '@live-feed/tools/stack/owner';
import { openBed } from '../bed/bed.ts';
import { addCompanies } from '../bed/companies.ts';
import { liveFeed } from '../comparison/point.ts';
import { physicalLimit } from '../figures/physical-limit.ts';
import type { LoadResult } from '../load/load-plan.ts';
import type { LeadCosts } from '../profile/lead-costs.ts';
import { profilePoints } from '../profile/profile-points.ts';
import type { Table } from '../report/finding.ts';
import type { Scenario, ScenarioOptions } from '../scenario.ts';
import { type Counts, createCounter } from '../usage/counters.ts';
import { stages } from '../usage/stage-usage.ts';
import { maxima, permitsPerSecond } from './limits.ts';
import { throughput } from './throughput.ts';

const MOST_CALLERS = 500;
const WARM_UP_MS = 4_000;
/** Of each process' profile. */
const MOST_PLACES = 10;

/** Each has one lead a second, which goes alone: what an upload costs, once the code is warm. */
const MANY_DIALERS = 100;

interface Condition {
  readonly name: string;
  readonly dialers: number;
  readonly keepWindows: boolean;
  readonly dialerMs: number;
  /** Callers who come back at once, or leads evenly spaced. */
  readonly load: { readonly callers: number } | { readonly perSecond: number };
}

const one = { dialers: 1 };
const unlimited = { keepWindows: false, dialerMs: 20 };
const ringcx = { keepWindows: true, dialerMs: 150 };
const conditions: readonly Condition[] = [
  { name: `${MOST_CALLERS} callers, no limits`, ...one, ...unlimited, load: { callers: MOST_CALLERS } },
  { name: `${MOST_CALLERS} callers, RingCX's limits`, ...one, ...ringcx, load: { callers: MOST_CALLERS } },
  { name: 'a lone caller, no limits', ...one, ...unlimited, load: { callers: 1 } },
  {
    name: `${MANY_DIALERS} dialers, a lead/s each, RingCX's limits`,
    dialers: MANY_DIALERS,
    ...ringcx,
    load: { perSecond: MANY_DIALERS },
  },
];

interface Cost {
  readonly name: string;
  readonly load: LoadResult;
  readonly counts: Counts;
}

export const costs: Scenario = {
  name: 'costs',
  title: 'What a lead costs',
  question: 'What does a lead cost Redis, PostgreSQL and the CPU, and where does the machine end?',
  note:
    'Redis commands are those of its Lua scripts, too; a round trip is a read from a connection, whatever came together in it. ' +
    'The log is what PostgreSQL writes ahead. Dialing system and load use the same cores and are not in these figures.',
  seconds: { alone: 5, inAll: 5 },
  async run(options) {
    const { machine, found } = await measureCosts(options);
    options.say('and under the profiler …');
    const points = [liveFeed(MOST_CALLERS)];
    const [profile] = await profilePoints({ ...throughput, points }, options);
    const [flatOut] = found;
    if (flatOut === undefined || profile === undefined) throw new Error('Nothing was measured.');
    return {
      machine,
      tables: [countTable(found), cpuTable(found), placeTable(profile)],
      remarks: [
        physicalLimit({
          permitsPerSecond,
          maxima,
          cores: machine.cores,
          cpuMicrosPerLead: cpuMicros(flatOut),
          measuredPerSecond: flatOut.load.perSecond,
        }),
      ],
      verdicts: [],
      facts: { costs: found },
    };
  },
};

async function measureCosts({ owner, env, seconds, say }: ScenarioOptions) {
  const own = await owner.own(createOwner());
  try {
    const bed = await openBed({ owner: own, env, say }, { dialerMs: 20, enforceLimits: false });
    const found: Cost[] = [];
    for (const { name, dialers, keepWindows, dialerMs, load: wanted } of conditions) {
      await bed.simulator.quiet({ forMs: 300, withinMs: 10_000 });
      await bed.simulator.behave({ delayMs: dialerMs, enforceLimits: false });
      const companies = await addCompanies(bed.stack, dialers, { keepWindows });
      const counter = createCounter(bed);
      const times = { warmupMs: Math.min(WARM_UP_MS, 2_000 * seconds), measuredMs: seconds * 1_000 };
      const load = await ('callers' in wanted
        ? bed.callers({ companies, ...wanted, ...times }, counter.observer)
        : bed.paced({ companies, ...wanted, ...times }, counter.observer));
      found.push({ name, load, counts: counter.counts() });
      say(`${name}: ${Math.round(load.perSecond)} leads/s`);
    }
    return { machine: bed.machine, found };
  } finally {
    await own.stop();
  }
}

function countTable(found: readonly Cost[]): Table {
  return {
    title: 'Services, a lead',
    columns: [
      '',
      'leads/s',
      'leads/upload',
      'Redis round trips',
      'Redis commands',
      'bytes to Redis',
      'bytes from Redis',
      'SQL statements',
      "bytes of PostgreSQL's log",
    ],
    rows: found.map(({ name, load, counts }) => [
      name,
      load.perSecond,
      counts.leads / counts.uploads,
      ...[
        counts.redisRoundTrips,
        counts.redisCommands,
        counts.redisBytesIn,
        counts.redisBytesOut,
        counts.statements,
        counts.walBytes,
      ].map((count) => count / counts.leads),
    ]),
  };
}

function cpuTable(found: readonly Cost[]): Table {
  return {
    title: 'CPU by stage, µs a lead',
    columns: ['', 'ingress', 'worker', 'Redis', 'PostgreSQL', 'in all'],
    rows: found.map((cost) => {
      const { cpuMs, leads } = cost.counts;
      return [cost.name, ...stages.map((stage) => cpuMs && (cpuMs[stage] * 1_000) / leads), cpuMicros(cost)];
    }),
  };
}

function cpuMicros({ counts: { cpuMs, leads } }: Cost): number | null {
  return cpuMs && (stages.reduce((sum, stage) => sum + cpuMs[stage], 0) * 1_000) / leads;
}

/** Shares, since the profiler makes everything dearer. */
function placeTable({ point, processes }: LeadCosts): Table {
  return {
    title: `Where the CPU time of a process goes, ${point.callers} callers, no limits, %`,
    columns: ['process', 'where', '%'],
    rows: processes.flatMap(({ name, selfTime }) => {
      const all = selfTime.reduce((sum, [, micros]) => sum + micros, 0);
      return selfTime.slice(0, MOST_PLACES).map(([place, micros]) => [name, place, (micros / all) * 100]);
    }),
  };
}
