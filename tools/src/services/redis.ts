import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { freePort } from './free-port.ts';
import { makeOwned } from './private-place.ts';
import { acquireLock, LockHeldError } from './process-lock.ts';
import { redisBinary } from './redis-binary.ts';
import { type Exit, ServiceError, type SupervisedService, supervise } from './supervise.ts';

export interface RedisOptions {
  /** Where the data stay from one start to the next. Without it they are the caller's for this run only, and removed after it. */
  readonly dataDir?: string;
  /** Keep an append-only file, written out every second. Default `false`: nothing survives the process. */
  readonly appendonly?: boolean;
  readonly env?: NodeJS.ProcessEnv;
  /** Told what is worth knowing, such as an installation. Default: the standard error output. */
  readonly say?: (line: string) => void;
}

export interface EmbeddedRedis {
  /** With its password, on 127.0.0.1 only. The same after `restart`. */
  readonly url: string;
  readonly port: number;
  /** Settles when the server has ended, asked to or not. */
  exited(): Promise<Exit>;
  /** Ends it in order, and removes data that were for this run only. May be called again. */
  stop(): Promise<void>;
  /** Ends it as a crash would; an append-only file stays. */
  kill(): Promise<void>;
  /** Starts it again on the same port, after `kill` or while it runs: empty, unless it keeps an append-only file. */
  restart(): Promise<void>;
  /** Stops it in its tracks: connections stay open, nothing answers. */
  freeze(): void;
  thaw(): void;
}

const readyLimitMs = 30_000;
const graceMs = 10_000;

/**
 * Starts a private Redis or Valkey from the PATH on a free port of 127.0.0.1, with the eviction policy that the queues
 * need. It ends with this process, however that ends. Throws when there is no binary, when another process uses
 * `dataDir`, and a `ServiceError` when it does not start.
 */
export async function startRedis(options: RedisOptions = {}): Promise<EmbeddedRedis> {
  const {
    appendonly = false,
    env = process.env,
    say = (line) => process.stderr.write(`${line}\n`),
  } = options;
  const binary = await redisBinary(env, say);
  const place = await openPlace(options.dataDir);
  const password = randomBytes(24).toString('base64url');
  const removeIfOrphaned = options.dataDir === undefined ? [place.folder] : [];
  const launch = (port: number) =>
    startServer({
      binary,
      config: redisConfig({ port, password, dir: place.folder, appendonly }),
      port,
      env,
      removeIfOrphaned,
    });
  try {
    const first = await onFreePort(launch);
    return control(first, () => launch(first.port), password, place.close);
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
): EmbeddedRedis {
  let { service } = first;
  return {
    url: `redis://:${password}@127.0.0.1:${first.port}`,
    port: first.port,
    exited: () => service.exited,
    kill: () => service.kill(),
    freeze: () => service.signal('SIGSTOP'),
    thaw: () => service.signal('SIGCONT'),
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

async function openPlace(dataDir: string | undefined): Promise<Place> {
  if (dataDir === undefined) {
    const folder = await mkdtemp(join(tmpdir(), 'live-feed-redis-'));
    return { folder, close: () => rm(folder, { recursive: true, force: true, maxRetries: 10 }) };
  }
  const folder = resolve(dataDir);
  await mkdir(join(folder, '..'), { recursive: true });
  await makeOwned(folder, undefined);
  const lock = await acquireLock(join(folder, 'lock')).catch((error: unknown) => {
    if (!(error instanceof LockHeldError)) throw error;
    throw new Error(`The Redis data in ${folder} are in use by process ${error.pid}. Stop that one first.`, {
      cause: error,
    });
  });
  return { folder, close: () => lock.release() };
}

/** Tries free ports until one is still free when Redis binds it. */
async function onFreePort(launch: (port: number) => Promise<RunningServer>): Promise<RunningServer> {
  for (let triesLeft = 5; ; triesLeft -= 1) {
    try {
      return await launch(await freePort());
    } catch (error) {
      const taken =
        error instanceof ServiceError && /Address already in use|Failed listening/i.test(error.output);
      if (!taken || triesLeft <= 1) throw error;
    }
  }
}

/** The configuration goes in through the standard input (`redis-server -`): `ps` shows no password. */
async function startServer(options: {
  readonly binary: string;
  readonly config: string;
  readonly port: number;
  readonly env: NodeJS.ProcessEnv;
  readonly removeIfOrphaned: readonly string[];
}): Promise<RunningServer> {
  const service = await supervise({
    name: 'Redis',
    command: options.binary,
    args: ['-'],
    env: options.env,
    cwd: tmpdir(),
    input: options.config,
    stopSignal: 'SIGTERM',
    graceMs,
    removeIfOrphaned: options.removeIfOrphaned,
  });
  try {
    await service.printed(/Ready to accept connections/, readyLimitMs);
    return { port: options.port, service };
  } catch (error) {
    await service.kill();
    throw error;
  }
}

/** `noeviction`: a queue must refuse a job rather than forget one. */
export function redisConfig(options: {
  readonly port: number;
  readonly password: string;
  readonly dir: string;
  readonly appendonly: boolean;
}): string {
  return [
    'bind 127.0.0.1',
    `port ${options.port}`,
    `requirepass ${options.password}`,
    'maxmemory-policy noeviction',
    `dir ${JSON.stringify(options.dir)}`, // its quoting is that of Redis
    'save ""',
    `appendonly ${options.appendonly ? 'yes' : 'no'}`,
    'appendfsync everysec',
    'daemonize no',
    '',
  ].join('\n');
}
