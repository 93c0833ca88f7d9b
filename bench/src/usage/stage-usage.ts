import { readdir, readFile } from 'node:fs/promises';
import type { Bed } from '../bed/bed.ts';
import { cpuTicks, msPerTick, usageOf } from './process-usage.ts';

/** What a lead passes through. */
export const stages = ['ingress', 'worker', 'redis', 'postgres'] as const;

export type StageCpu = Readonly<Record<(typeof stages)[number], number>>;

/** CPU time of each stage's processes since they began, in milliseconds; null where there is no /proc. */
export async function stageCpu(bed: Bed): Promise<StageCpu | null> {
  const { ingresses, workers } = bed.stack;
  const services = await servicesCpu(bed);
  return (
    services && {
      ingress: await cpuMsOf(ingresses.map(({ pid }) => pid)),
      worker: await cpuMsOf(workers.map(({ pid }) => pid)),
      ...services,
    }
  );
}

/** The same of the services alone. */
export async function servicesCpu({
  database,
  redis,
}: Pick<Bed, 'database' | 'redis'>): Promise<Pick<StageCpu, 'redis' | 'postgres'> | null> {
  if (process.platform !== 'linux') return null;
  const [, redisPid] = /process_id:(\d+)/.exec(await redis.info('server')) ?? [];
  const { rows } = await database.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
  return { redis: await cpuMsOf([Number(redisPid)]), postgres: await postgresCpu(rows[0]?.pid ?? 0) };
}

async function cpuMsOf(pids: readonly number[]): Promise<number> {
  return (await usageOf(pids))?.cpuMs ?? 0;
}

/** Of a server, by one of its backends: all its processes that run, and those that have ended, whose time the server's first has. */
async function postgresCpu(backend: number): Promise<number> {
  const server = parentOf(await statOf(backend));
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  let ticks = 0;
  for (const pid of pids) {
    const stat = await statOf(pid);
    if (pid === server) ticks += cpuTicks(stat, { withEndedChildren: true });
    else if (parentOf(stat) === server) ticks += cpuTicks(stat);
  }
  return ticks * msPerTick;
}

/** Of a process that is gone, nothing. */
function statOf(pid: number): Promise<string> {
  return readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
}

function parentOf(stat: string): number {
  return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
}
