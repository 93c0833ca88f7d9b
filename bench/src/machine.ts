import { execFile } from 'node:child_process';
import { availableParallelism, cpus, release, totalmem } from 'node:os';
import { promisify } from 'node:util';
import { cloneDir } from '@live-feed/tools/clone';

const run = promisify(execFile);

/** Where figures come from; without it they mean nothing. */
export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGb: number;
  readonly system: string;
  readonly node: string;
  readonly postgres: string;
  readonly redis: string;
}

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
