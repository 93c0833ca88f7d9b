import { randomUUID } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { makeOwned, reachablePlace } from './private-place.ts';
import { acquireLock, LockHeldError } from './process-lock.ts';
import type { SystemUser } from './unprivileged-user.ts';

/** A folder for one service's data that is ours alone until `close`. */
export interface DataFolder {
  readonly path: string;
  /** Gives the folder back; removes it if it was for this run only. */
  close(): Promise<void>;
}

/**
 * Opens the folder that keeps a service's data from one start to the next. Throws when another process has it open.
 * `user` is who runs the service, if not ourselves; the folder is where that user can go.
 */
export async function openKeptFolder(wanted: string, user?: SystemUser): Promise<DataFolder> {
  const path = await reachablePlace(resolve(wanted), user);
  await mkdir(dirname(path), { recursive: true });
  await makeOwned(path, user);
  const lock = await acquireLock(join(path, 'lock')).catch((error: unknown) => {
    if (!(error instanceof LockHeldError)) throw error;
    throw new Error(
      `The data in ${path} are in use by the running process ${error.pid}. Stop that one, then run this again.`,
      { cause: error },
    );
  });
  return { path, close: () => lock.release() };
}

/** Makes a folder for this run only, in `parent` or wherever `user` can go instead. */
export async function openScratchFolder(parent: string, user?: SystemUser): Promise<DataFolder> {
  const base = await reachablePlace(parent, user);
  await mkdir(base, { recursive: true });
  const path = join(base, `run-${randomUUID()}`);
  await makeOwned(path, user);
  return { path, close: () => rm(path, { recursive: true, force: true, maxRetries: 10 }) };
}
