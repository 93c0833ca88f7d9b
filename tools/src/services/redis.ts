import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import { openKeptFolder, openScratchFolder } from './data-folder.ts';
import { type EmbeddedServer, startEmbedded } from './embedded-server.ts';
import { redisBinary } from './redis-binary.ts';
import { type SupervisedService, supervise } from './supervise.ts';

export interface RedisOptions {
  /** Keeps the data here between runs. Without it they are removed after this run. */
  readonly dataDir?: string;
  /** Keep an append-only file, written every second. Default `false`: nothing survives the process. */
  readonly appendonly?: boolean;
  /** Allow `DEBUG`, for tests; needs Redis 7. Default `false`. */
  readonly debugCommand?: boolean;
  /** Default: one of its own. */
  readonly password?: string;
  /** Further lines of its configuration; they win over those before. */
  readonly settings?: (port: number) => readonly string[];
  readonly env?: NodeJS.ProcessEnv;
  /** Called with messages for people, such as an installation. Default: standard error. */
  readonly say?: (line: string) => void;
}

export interface EmbeddedRedis extends EmbeddedServer {
  /** With its password, on 127.0.0.1 only. The same after `restart`. */
  readonly url: string;
}

const readyLimitMs = 60_000;
const graceMs = 10_000;

/**
 * Starts a private Redis or Valkey from the PATH on a free port of 127.0.0.1, with the eviction policy that the queues need. It ends with
 * this process, however that ends. Throws if there is no binary or another process uses `dataDir`, and a `ServiceError` if it does not
 * start.
 */
export async function startRedis(options: RedisOptions = {}): Promise<EmbeddedRedis> {
  const { dataDir, env = process.env, say = sayOnStderr } = options;
  const { appendonly = false, debugCommand = false, settings = () => [] } = options;
  const { password = randomBytes(24).toString('base64url') } = options;
  const binary = await redisBinary(env, say);
  const folder = await (dataDir === undefined ? openScratchFolder(tmpdir()) : openKeptFolder(dataDir));
  const removeIfOrphaned = dataDir === undefined ? [folder.path] : [];
  const launch = (port: number) =>
    launchRedis({
      binary,
      config: redisConfig({
        ...{ port, password, dir: folder.path, appendonly, debugCommand },
        settings: settings(port),
      }),
      env,
      removeIfOrphaned,
    });
  const server = await startEmbedded(launch, folder.close);
  return { ...server, url: `redis://:${encodeURIComponent(password)}@127.0.0.1:${server.port}` };
}

/** Passes the configuration on standard input (`redis-server -`), so that `ps` shows no password. */
async function launchRedis(options: {
  readonly binary: string;
  readonly config: string;
  readonly env: NodeJS.ProcessEnv;
  readonly removeIfOrphaned: readonly string[];
}): Promise<SupervisedService> {
  const { binary, config, env, removeIfOrphaned } = options;
  const service = await supervise({
    name: 'Redis',
    command: binary,
    args: ['-'],
    env,
    cwd: tmpdir(),
    input: config,
    stopSignal: 'SIGTERM',
    graceMs,
    removeIfOrphaned,
  });
  try {
    await service.printed(/Ready to accept connections/, readyLimitMs);
    return service;
  } catch (error) {
    await service.kill();
    throw error;
  }
}

/** `noeviction`: a queue must refuse a new job rather than lose one. */
function redisConfig(options: {
  readonly port: number;
  readonly password: string;
  readonly dir: string;
  readonly appendonly: boolean;
  readonly debugCommand: boolean;
  readonly settings: readonly string[];
}): string {
  return [
    'bind 127.0.0.1',
    `port ${options.port}`,
    `requirepass ${JSON.stringify(options.password)}`,
    'maxmemory-policy noeviction',
    `dir ${JSON.stringify(options.dir)}`, // Redis quotes like JSON
    'save ""',
    `appendonly ${options.appendonly ? 'yes' : 'no'}`,
    'appendfsync everysec',
    'daemonize no',
    ...(options.debugCommand ? ['enable-debug-command local'] : []),
    ...options.settings,
    '',
  ].join('\n');
}

function sayOnStderr(line: string): void {
  process.stderr.write(`${line}\n`);
}
