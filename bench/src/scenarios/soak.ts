import { type Bed, openBed } from '../bed/bed.ts';
import { addCompanies } from '../bed/companies.ts';
import { slope } from '../figures/slope.ts';
import type { LoadResult } from '../load/load-plan.ts';
import type { Table, Verdict } from '../report/finding.ts';
import { atMost } from '../report/verdict.ts';
import type { Scenario } from '../scenario.ts';
import { type MemorySample, sampleMemory } from '../usage/memory-samples.ts';

const CALLERS = 500;
const DIALERS = 4;
const DIALER_MS = 20;
const WARM_UP_MS = 5_000;
const TOP_SECONDS = 10;
const SHARE_OF_TOP = 0.5;
const TARGET_MB_PER_MINUTE = 1;

export const soak: Scenario = {
  name: 'soak',
  title: 'For minutes on end',
  question: 'Does memory stay where it is at half of the top rate, and is nothing lost?',
  note: `The dialing system takes ${DIALER_MS} ms and sets no limit. The top rate is measured right before, with ${CALLERS} callers. RSS is looked at once a second; its slope is that of the second half.`,
  seconds: { alone: 600, inAll: 120 },
  async run({ owner, env, seconds, say }) {
    const bed = await openBed({ owner, env, say }, { dialerMs: DIALER_MS, enforceLimits: false });
    const companies = await addCompanies(bed.stack, DIALERS, { keepWindows: false });
    const top = await bed.callers({
      companies,
      callers: CALLERS,
      warmupMs: Math.min(WARM_UP_MS, seconds * 1_000),
      measuredMs: Math.min(TOP_SECONDS, seconds) * 1_000,
    });
    if (top.perSecond === 0) {
      throw new Error(
        'No lead was accepted while the top rate was measured: run it for longer, or on a machine with less to do.',
      );
    }
    const perSecond = top.perSecond * SHARE_OF_TOP;
    say(`At most ${Math.round(top.perSecond)} leads/s; now half of it for ${seconds} s …`);
    await bed.simulator.quiet({ forMs: 1_000, withinMs: 30_000 });
    await bed.simulator.forget();
    const before = await acceptedRows(bed);
    const processes = [...bed.stack.ingresses, ...bed.stack.workers];
    const memory = await owner.own(sampleMemory(processes));
    const load = await bed.paced({ companies, perSecond, warmupMs: 0, measuredMs: seconds * 1_000 });
    await memory.stop();
    const { samples } = memory;
    await bed.simulator.quiet({ forMs: 1_000, withinMs: 30_000 });
    const account: Account = {
      sent: load.whole?.sent ?? 0,
      answered200: load.whole?.accepted ?? 0,
      inserted: (await bed.simulator.stats()).leads.inserted,
      rows: (await acceptedRows(bed)) - before,
    };
    const slopes = processes.map(({ name }, at) => ({ name, mbPerMinute: mbPerMinute(samples, at) }));
    return {
      machine: bed.machine,
      tables: [loadTable(perSecond, load), accountTable(account), memoryTable(samples, slopes)],
      verdicts: judge(account, load, slopes),
      facts: { topPerSecond: top.perSecond, load, account, slopes },
    };
  },
};

/** Of the same leads, as three see them; nothing is lost if all say the same. */
export interface Account {
  readonly sent: number;
  readonly answered200: number;
  /** In the dialing system. */
  readonly inserted: number;
  /** In PostgreSQL, ACCEPTED. */
  readonly rows: number;
}

export interface Slope {
  readonly name: string;
  /** Null: too short to tell. */
  readonly mbPerMinute: number | null;
}

async function acceptedRows({ database }: Bed): Promise<number> {
  const { rows } = await database.query<{ n: number }>(
    "SELECT count(*)::float8 AS n FROM leads WHERE state = 'ACCEPTED'",
  );
  return rows[0]?.n ?? 0;
}

function mbPerMinute(samples: readonly MemorySample[], at: number): number | null {
  const second = samples.slice(Math.floor(samples.length / 2));
  if (second.length < 2) return null;
  return slope(second.map(({ atSeconds, mb }) => [atSeconds / 60, mb[at] ?? Number.NaN]));
}

function loadTable(perSecond: number, { p50Ms, p99Ms, errors, ...load }: LoadResult): Table {
  return {
    columns: ['asked leads/s', 'leads/s', 'p50 ms', 'p99 ms', 'errors'],
    rows: [[perSecond, load.perSecond, p50Ms, p99Ms, String(errors)]],
  };
}

function accountTable({ sent, answered200, inserted, rows }: Account): Table {
  return {
    columns: ['sent', 'answered 200', 'in the dialing system', 'rows ACCEPTED'],
    rows: [[sent, answered200, inserted, rows].map((count) => count.toLocaleString('en'))],
  };
}

function memoryTable(samples: readonly MemorySample[], slopes: readonly Slope[]): Table {
  const mbAt = (share: number, at: number) =>
    samples[Math.floor((samples.length - 1) * share)]?.mb[at] ?? null;
  return {
    columns: ['RSS MiB', 'at first', 'half-way', 'at the end', 'MiB/min in the second half'],
    rows: slopes.map(({ name, mbPerMinute }, at) => [
      name,
      ...[0, 0.5, 1].map((share) => mbAt(share, at)),
      mbPerMinute,
    ]),
  };
}

export function judge(
  account: Account,
  load: Pick<LoadResult, 'errors'>,
  slopes: readonly Slope[],
): Verdict[] {
  const { answered200, inserted, rows } = account;
  const apart = Math.max(Math.abs(inserted - answered200), Math.abs(rows - answered200));
  return [
    ...slopes.map(({ name, mbPerMinute }) =>
      atMost({
        what: `RSS of the ${name}, second half`,
        measured: mbPerMinute,
        target: TARGET_MB_PER_MINUTE,
        unit: 'MiB/min',
      }),
    ),
    atMost({ what: 'answers, dialing system and rows', measured: apart, target: 0, unit: 'leads apart' }),
    atMost({ what: 'all leads', measured: load.errors, target: 0, unit: 'errors' }),
  ];
}
