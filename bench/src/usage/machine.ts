import { execFile } from 'node:child_process';
import { availableParallelism, cpus, release, totalmem } from 'node:os';
import { promisify } from 'node:util';
import { cloneDir } from '@live-feed/tools/clone';
import type { Client } from 'pg';
import type { Machine } from '../report/finding.ts';

const run = promisify(execFile);

export function describeMachine(services: Pick<Machine, 'postgres' | 'redis'>): Machine {
  return {
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    memoryGb: Math.round(totalmem() / 2 ** 30),
    system: `${process.platform} ${release()} ${process.arch}`,
    node: process.versions.node,
    ...services,
  };
}

export async function serverVersion(database: Client): Promise<string> {
  const { rows } = await database.query<{ server_version: string }>('SHOW server_version');
  return rows[0]?.server_version ?? 'unknown';
}

/** The commit that is checked out, with `+` if files differ from it; `unknown` outside a clone. */
export async function presentCommit(): Promise<string> {
  const git = (...args: string[]) =>
    run('git', ['-C', cloneDir, ...args]).then(({ stdout }) => stdout.trim());
  try {
    const commit = await git('rev-parse', '--short=12', 'HEAD');
    return (await git('status', '--porcelain')) === '' ? commit : `${commit}+`;
  } catch {
    return 'unknown';
  }
}
