import type { Bed } from '../bed/bed.ts';
import { type StageCpu, stageCpu } from './stage-usage.ts';

/** What the services were asked, and what it cost. Of two looks, the difference; CPU is null where there is no /proc. */
export interface Counts {
  /** Leads that the dialing system took, and in how many uploads. */
  readonly leads: number;
  readonly uploads: number;
  /** Those of Lua scripts included. */
  readonly redisCommands: number;
  /** Times that Redis read from a connection: commands that were sent together count once. */
  readonly redisRoundTrips: number;
  readonly redisBytesIn: number;
  readonly redisBytesOut: number;
  readonly statements: number;
  readonly walBytes: number;
  readonly cpuMs: StageCpu | null;
}

/** Counts what happens while a load is measured. Throws where PostgreSQL has no pg_stat_statements. */
export function createCounter(bed: Bed) {
  let before: Counts | undefined;
  let counted: Counts | undefined;
  return {
    observer: {
      async onMeasuring() {
        await bed.database.query('CREATE EXTENSION IF NOT EXISTS pg_stat_statements');
        before = await look(bed);
      },
      async onMeasured() {
        counted = before && difference(before, await look(bed));
      },
    },
    counts(): Counts {
      if (counted === undefined) throw new Error('Nothing was counted.');
      return counted;
    },
  };
}

async function look(bed: Bed): Promise<Counts> {
  const info = await bed.redis.info('stats');
  const stat = (name: string) => Number(new RegExp(`^${name}:(\\d+)`, 'm').exec(info)?.[1]);
  const { rows } = await bed.database.query<{ statements: number; wal: number }>(
    `SELECT (SELECT sum(calls)::float8 FROM pg_stat_statements
              WHERE dbid = (SELECT oid FROM pg_database WHERE datname = current_database())) AS statements,
            pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')::float8 AS wal`,
  );
  const [row] = rows;
  const { leads, loads } = await bed.simulator.stats();
  return {
    leads: leads.inserted,
    uploads: loads,
    redisCommands: stat('total_commands_processed'),
    redisRoundTrips: stat('total_reads_processed'),
    redisBytesIn: stat('total_net_input_bytes'),
    redisBytesOut: stat('total_net_output_bytes'),
    statements: row?.statements ?? 0,
    walBytes: row?.wal ?? 0,
    cpuMs: await stageCpu(bed),
  };
}

function difference(before: Counts, after: Counts): Counts {
  return {
    leads: after.leads - before.leads,
    uploads: after.uploads - before.uploads,
    redisCommands: after.redisCommands - before.redisCommands,
    redisRoundTrips: after.redisRoundTrips - before.redisRoundTrips,
    redisBytesIn: after.redisBytesIn - before.redisBytesIn,
    redisBytesOut: after.redisBytesOut - before.redisBytesOut,
    statements: after.statements - before.statements,
    walBytes: after.walBytes - before.walBytes,
    cpuMs: cpuDifference(before.cpuMs, after.cpuMs),
  };
}

function cpuDifference(before: StageCpu | null, after: StageCpu | null): StageCpu | null {
  if (before === null || after === null) return null;
  const of = (stage: keyof StageCpu) => after[stage] - before[stage];
  return { ingress: of('ingress'), worker: of('worker'), redis: of('redis'), postgres: of('postgres') };
}
