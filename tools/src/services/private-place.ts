import { createHash, randomUUID } from 'node:crypto';
import { chmod, chown, lstat, mkdir, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { cloneDir } from '../clone.ts';
import { canReach, type SystemUser } from './unprivileged-user.ts';

/**
 * Where a service's files go: `wanted`, or, if the user who runs the service cannot enter that (a clone under /root), a folder in the
 * system's temporary folder that belongs to this clone and that user only.
 */
export async function reachablePlace(wanted: string, user: SystemUser | undefined): Promise<string> {
  if (user === undefined || (await canReach(user, wanted))) return wanted;
  return join(await privateFolder(user), `${basename(wanted)}-${shortHash(wanted)}`);
}

/**
 * The clone's own folder in the system's temporary folder, owned by the user, with mode 0700. Throws if the user cannot enter it either,
 * or if something else is in its place.
 */
export async function privateFolder(user: SystemUser): Promise<string> {
  const path = join(tmpdir(), `live-feed-${shortHash(cloneDir)}`);
  await makeOwned(path, user);
  if (await canReach(user, path)) return path;
  throw new Error(
    `The user ${user.name} cannot enter ${path}: set TMPDIR to a folder that every user can enter.`,
  );
}

/**
 * Creates a folder that only its owner can enter; several processes may do so at once. Throws if something else is in its place: another
 * user may have put it there, because the name can be guessed.
 */
export async function makeOwned(path: string, user: SystemUser | undefined): Promise<void> {
  const mine = `${path}.${randomUUID()}`;
  await mkdir(mine, { mode: 0o700 });
  try {
    await chmod(mine, 0o700); // whatever the umask
    if (user) await chown(mine, user.uid, user.gid);
    if (!(await isFolder(path))) await rename(mine, path);
  } catch (error) {
    if (!['ENOTEMPTY', 'EEXIST', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? ''))
      throw error;
  } finally {
    await rm(mine, { recursive: true, force: true });
  }
  const found = await lstat(path);
  const owner = user?.uid ?? process.getuid?.() ?? found.uid;
  const open = (found.mode & 0o077) !== 0;
  if (found.isDirectory() && found.uid === owner && !open) return;
  throw new Error(
    `${path} is not a folder of ${user ? `the user ${user.name}` : 'yours'} that nobody else can enter. ` +
      'Look at what is in it, remove it, and run this again.',
  );
}

async function isFolder(path: string): Promise<boolean> {
  const found = await lstat(path).catch(() => undefined);
  return found?.isDirectory() ?? false;
}

function shortHash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 12);
}
