import type { Stats } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';

/** A user that runs services when we are root. */
export interface SystemUser {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

/** Users that exist on every system and own nothing, best first. */
const candidates = ['nobody', 'daemon'];

/**
 * The existing unprivileged user that runs PostgreSQL, which refuses to run as root; `undefined` if we are not root, so that it can run as
 * ourselves. Never creates a user.
 */
export async function serviceUser(): Promise<SystemUser | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const user = findUser(await readFile('/etc/passwd', 'utf8'), candidates);
  if (user) return user;
  throw new Error(
    `PostgreSQL cannot run as root, and /etc/passwd has none of these users to run it as: ${candidates.join(', ')}. ` +
      'Run this as an ordinary user, or set DATABASE_URL to a PostgreSQL of your own.',
  );
}

/** The first of `names` in the text of a passwd file. */
export function findUser(passwd: string, names: readonly string[]): SystemUser | undefined {
  const users = passwd.split('\n').flatMap((line) => {
    const [name, , uid, gid] = line.split(':');
    return name && uid && gid ? [{ name, uid: Number(uid), gid: Number(gid) }] : [];
  });
  return names.map((name) => users.find((user) => user.name === name)).find((user) => user !== undefined);
}

/** Whether the user can read and enter `path`, and enter every folder above it. For a missing path only the folders above count. */
export async function canReach(user: SystemUser, path: string): Promise<boolean> {
  const target = resolve(path);
  const own = await stat(target).catch(() => undefined);
  if (own && !allows(user, own, own.isDirectory() ? 0o5 : 0o4)) return false;
  for (let folder = dirname(target); ; folder = dirname(folder)) {
    const found = await stat(folder).catch(() => undefined);
    if (found && !allows(user, found, 0o1)) return false;
    if (folder === dirname(folder)) return true;
  }
}

/** Whether a file's mode grants the user every one of the `wanted` bits (4 read, 2 write, 1 enter or execute). */
export function allows(user: SystemUser, file: Pick<Stats, 'mode' | 'uid' | 'gid'>, wanted: number): boolean {
  const shift = file.uid === user.uid ? 6 : file.gid === user.gid ? 3 : 0;
  return ((file.mode >> shift) & wanted) === wanted;
}
