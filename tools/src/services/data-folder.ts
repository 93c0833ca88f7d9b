import { randomUUID } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { makeOwned, reachablePlace } from './private-place.ts';
import { acquireLock, LockHeldError } from './process-lock.ts';
import type { SystemUser } from './unprivileged-user.ts';

/** A folder for one service's data, used only by us until `close`. */
export interface DataFolder {
  readonly path: string;
  /** Unlocks the folder, or removes it if it was for this run only. */
  close(): Promise<void>;
}

/**
 * Opens the folder that keeps a service's data between runs. Throws if another process has it open. `user` runs the service, if not
 * ourselves; the folder is one that this user can enter.
 */
export async function openKeptFolder(wanted: string, user?: SystemUser): Promise<DataFolder> {
  const path = await reachablePlace(resolve(wanted), user);
  await mkdir(dirname(path), { recursive: true });
  await makeOwned(path, user);
  const lock = await acquireLock(join(path, 'lock')).catch((error: unknown) => {
    if (!(error instanceof LockHeldError)) throw error;
    throw new Error(
      `The data in ${path} are in use by the running process ${error.pid}. Stop that process, then run this again.`,
      { cause: error },
    );
  });
  return { path, close: () => lock.release() };
}

/** Creates a folder for this run only, in `parent`, or elsewhere if `user` cannot enter that. */
export async function openScratchFolder(parent: string, user?: SystemUser): Promise<DataFolder> {
  const base = await reachablePlace(parent, user);
  await mkdir(base, { recursive: true });
  const path = join(base, `run-${randomUUID()}`);
  await makeOwned(path, user);
  return { path, close: () => rm(path, { recursive: true, force: true, maxRetries: 10 }) };
}
