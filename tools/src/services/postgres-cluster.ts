import { randomBytes } from 'node:crypto';
import { chown, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { PostgresBinaries } from './postgres-binaries.ts';
import { makeOwned } from './private-place.ts';
import { commandLine } from './process-identity.ts';
import { ServiceError, supervise } from './supervise.ts';
import type { SystemUser } from './unprivileged-user.ts';

/** A database cluster on disk, as `initdb` created it, and its superuser's password. */
export interface PostgresCluster {
  readonly dataDir: string;
  readonly password: string;
}

/** Owns every database of the cluster. */
export const superuser = 'live_feed';

const initLimitMs = 60_000;
const orphanLimitMs = 20_000;

/**
 * Opens the cluster under `folder`, which must exist, and creates it the first time. If that is interrupted, the next call starts over.
 * `sync: false` does not wait for the disk.
 */
export async function openCluster(options: {
  readonly folder: string;
  readonly binaries: PostgresBinaries;
  readonly user: SystemUser | undefined;
  readonly env: NodeJS.ProcessEnv;
  readonly sync: boolean;
}): Promise<PostgresCluster> {
  const { folder, binaries, user, env, sync } = options;
  const home = join(folder, `postgres-${binaries.majorVersion}`);
  const dataDir = join(home, 'data');
  const passwordFile = join(home, 'password');
  await makeOwned(home, user);

  if (await isFile(join(dataDir, 'PG_VERSION'))) {
    const password = await readFile(passwordFile, 'utf8').catch((error: unknown) => {
      throw new Error(
        `${passwordFile}, the password of the database beside it, is missing. Remove ${home} to start with empty data.`,
        {
          cause: error,
        },
      );
    });
    await endForgotten(dataDir);
    return { dataDir, password };
  }

  const password = randomBytes(24).toString('base64url');
  await writeFile(passwordFile, password, { mode: 0o600 });
  if (user) await chown(passwordFile, user.uid, user.gid);
  const partial = `${dataDir}.partial`;
  await rm(partial, { recursive: true, force: true });
  const initdb = await supervise({
    name: 'initdb',
    command: binaries.initdb,
    args: [
      ...['-D', partial, '-U', superuser, '--pwfile', passwordFile, '--auth=scram-sha-256'],
      ...['--encoding=UTF8', '--locale=C', ...(sync ? [] : ['--no-sync'])],
    ],
    env,
    cwd: home,
    user,
    stopSignal: 'SIGTERM',
    graceMs: 5_000,
  });
  const limit = setTimeout(() => void initdb.kill(), initLimitMs);
  const { code } = await initdb.exited;
  clearTimeout(limit);
  if (code !== 0) throw new ServiceError('PostgreSQL could not prepare its data folder.', initdb.output());
  await rename(partial, dataDir);
  return { dataDir, password };
}

/**
 * Cleans up after a killed run: ends a server that still runs on this data, which only we use, and removes a pid file whose number belongs
 * to another process now. PostgreSQL would refuse to start with either.
 */
async function endForgotten(dataDir: string): Promise<void> {
  const pidFile = join(dataDir, 'postmaster.pid');
  const pid = Number((await readFile(pidFile, 'utf8').catch(() => '')).split('\n')[0]);
  if (!Number.isInteger(pid) || pid <= 0) return;
  const isOurs = async () => (await commandLine(pid))?.includes(dataDir) ?? false;
  if (await isOurs()) {
    process.kill(pid, 'SIGINT');
    for (let leftMs = orphanLimitMs; await isOurs(); leftMs -= 50) {
      if (leftMs <= 0)
        throw new Error(`PostgreSQL, process ${pid}, still runs on ${dataDir}. End it and run this again.`);
      await delay(50);
    }
  }
  await rm(pidFile, { force: true });
}

function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isFile(),
    () => false,
  );
}
