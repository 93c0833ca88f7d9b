import { readFile } from 'node:fs/promises';

/** CPU time and memory of processes, from Linux' /proc. */
export interface ProcessUsage {
  /** User and system time since each began, in milliseconds. */
  readonly cpuMs: number;
  /** Resident memory, in MiB. */
  readonly rssMb: number;
}

/** Linux counts in hundredths of a second everywhere (USER_HZ). */
export const msPerTick = 10;

/** The sum over `pids`; null where there is no /proc. */
export async function usageOf(pids: readonly number[]): Promise<ProcessUsage | null> {
  if (process.platform !== 'linux') return null;
  const each = await Promise.all(pids.map(usageOfOne));
  return {
    cpuMs: each.reduce((sum, { cpuMs }) => sum + cpuMs, 0),
    rssMb: each.reduce((sum, { rssMb }) => sum + rssMb, 0),
  };
}

async function usageOfOne(pid: number): Promise<ProcessUsage> {
  const [stat, status] = await Promise.all([
    readFile(`/proc/${pid}/stat`, 'utf8'),
    readFile(`/proc/${pid}/status`, 'utf8'),
  ]);
  const [, rssKb] = /^VmRSS:\s+(\d+) kB$/m.exec(status) ?? [];
  return { cpuMs: cpuTicks(stat) * msPerTick, rssMb: Number(rssKb) / 1_024 };
}

/**
 * Fields 14 and 15 of /proc/<pid>/stat, utime and stime, and 16 and 17, those of its children that have ended; the second
 * field, the name, may hold blanks and brackets.
 */
export function cpuTicks(stat: string, { withEndedChildren = false } = {}): number {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const own = Number(fields[11]) + Number(fields[12]);
  return withEndedChildren ? own + Number(fields[13]) + Number(fields[14]) : own;
}
