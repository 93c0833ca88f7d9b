import { randomUUID } from 'node:crypto';
import { link, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { startedAt } from './process-identity.ts';

/** Another living process holds the lock. */
export class LockHeldError extends Error {
  override readonly name = 'LockHeldError';
  readonly pid: number;

  constructor(path: string, pid: number) {
    super(`${path} is held by the running process ${pid}.`);
    this.pid = pid;
  }
}

export interface ProcessLock {
  release(): Promise<void>;
}

interface Holder {
  readonly pid: number;
  readonly startedAt: string | undefined;
}

/**
 * Takes a lock: a file that names its holder. A lock whose holder has ended, also by SIGKILL, is free. Waits up to `waitMs` (default 0)
 * for a running holder, then throws `LockHeldError`. The folder must exist.
 */
export async function acquireLock(path: string, { waitMs = 0 } = {}): Promise<ProcessLock> {
  const mine = `${path}.${randomUUID()}`;
  const content = JSON.stringify({
    pid: process.pid,
    startedAt: await startedAt(process.pid),
  } satisfies Holder);
  await writeFile(mine, content, { mode: 0o600, flag: 'wx' });
  try {
    for (let leftMs = waitMs; !(await tryLink(mine, path)); leftMs -= 100) {
      const held = await readFile(path, 'utf8').catch(ifMissing(undefined));
      if (held === undefined) continue;
      const pid = await livingHolder(held);
      if (pid === undefined) await removeStale(path, held);
      else if (leftMs <= 0) throw new LockHeldError(path, pid);
      else await delay(100);
    }
  } finally {
    await rm(mine, { force: true });
  }
  return {
    async release() {
      if ((await readFile(path, 'utf8').catch(ifMissing(undefined))) === content)
        await rm(path, { force: true });
    },
  };
}

/** `link` creates the whole lock file at once, and fails if there is one. */
async function tryLink(mine: string, path: string): Promise<boolean> {
  try {
    await link(mine, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

async function livingHolder(held: string): Promise<number | undefined> {
  try {
    const holder = JSON.parse(held) as Holder;
    const start = await startedAt(holder.pid);
    return start !== undefined && start === holder.startedAt ? holder.pid : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** Two processes may find the same stale lock. The one that moves away the other's new lock puts it back. */
async function removeStale(path: string, stale: string): Promise<void> {
  const aside = `${path}.${randomUUID()}`;
  try {
    await rename(path, aside);
  } catch (error) {
    return ifMissing(undefined)(error);
  }
  if ((await readFile(aside, 'utf8')) !== stale) await tryLink(aside, path);
  await rm(aside, { force: true });
}

function ifMissing<T>(value: T): (error: unknown) => T {
  return (error) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return value;
    throw error;
  };
}
