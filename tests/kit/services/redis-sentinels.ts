import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { closeRedis, connectRedis, type Redis } from '@live-feed/queue/redis/redis';
import { freePort } from '@live-feed/tools/services/free-port';
import type { EmbeddedRedis } from '@live-feed/tools/services/redis';
import { redisBinary } from '@live-feed/tools/services/redis-binary';
import { type SupervisedService, supervise } from '@live-feed/tools/services/supervise';
import { waitFor } from '../wait-for.ts';
import { startTestRedis } from './redis.ts';

/** A primary and two replicas, watched by three sentinels. */
export interface WatchedRedis {
  readonly servers: readonly EmbeddedRedis[];
  /** For processes: REDIS_URL and what goes with it. */
  readonly environment: Readonly<Record<string, string>>;
  /** The one that the sentinels take for the primary. */
  primary(): Promise<EmbeddedRedis>;
  /** Resolves when the sentinels have made another one the primary, and it has begun to be one. */
  failedOver(from: EmbeddedRedis): Promise<EmbeddedRedis>;
  stop(): Promise<void>;
}

const NAME = 'live-feed';
const PASSWORD = 'of the servers: @/?#%';
const SENTINEL_PASSWORD = 'of-the-sentinels';
/** How long the sentinels wait for a primary that does not answer. */
const DOWN_AFTER_MS = 2_000;

export async function startWatchedRedis(): Promise<WatchedRedis> {
  const stops: (() => Promise<unknown>)[] = [];
  const stop = async () => {
    for (const each of stops.toReversed()) await each();
  };
  try {
    const first = await startServer(undefined);
    stops.push(() => first.stop());
    const servers = [first];
    for (const _ of [1, 2]) {
      const replica = await startServer(first.port);
      stops.push(() => replica.stop());
      servers.push(replica);
    }
    const folder = await mkdtemp(join(tmpdir(), 'live-feed-sentinels-'));
    stops.push(() => rm(folder, { recursive: true, force: true }));
    const ports: number[] = [];
    for (const number of [1, 2, 3]) {
      const port = await freePort();
      const sentinel = await startSentinel(join(folder, `${number}.conf`), port, first.port);
      stops.push(() => sentinel.stop());
      ports.push(port);
    }
    const asked = connectRedis(`redis://:${SENTINEL_PASSWORD}@127.0.0.1:${ports[0]}`, 'jobs', () => {});
    stops.push(() => closeRedis(asked));
    await waitFor(() => isComplete(asked), { what: 'sentinels that know one another and the replicas' });
    const hosts = ports.map((port) => `127.0.0.1:${port}`).join(',');
    const primary = () => primaryOf(asked, servers);
    return {
      servers,
      primary,
      environment: {
        REDIS_URL: `redis://:${encodeURIComponent(PASSWORD)}@${hosts}`,
        REDIS_MODE: 'sentinel',
        REDIS_SENTINEL_NAME: NAME,
        REDIS_SENTINEL_PASSWORD: SENTINEL_PASSWORD,
      },
      async failedOver(from) {
        const next = await waitFor(
          async () => {
            const now = await primary();
            return now !== from && now;
          },
          { timeoutMs: 60_000, what: 'another primary' },
        );
        const own = connectRedis(next.url, 'jobs', () => {});
        try {
          await waitFor(async () => (await own.role())[0] === 'master', { what: 'a primary' });
        } finally {
          await closeRedis(own);
        }
        return next;
      },
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

function startServer(primaryPort: number | undefined): Promise<EmbeddedRedis> {
  return startTestRedis({
    appendonly: true,
    password: PASSWORD,
    settings: () => [
      `masterauth ${JSON.stringify(PASSWORD)}`,
      'repl-diskless-sync-delay 0',
      ...(primaryPort === undefined ? [] : [`replicaof 127.0.0.1 ${primaryPort}`]),
    ],
  });
}

/** It writes what it learns into its configuration. */
async function startSentinel(file: string, port: number, primaryPort: number): Promise<SupervisedService> {
  const configuration = [
    'bind 127.0.0.1',
    `port ${port}`,
    `requirepass ${SENTINEL_PASSWORD}`,
    `sentinel monitor ${NAME} 127.0.0.1 ${primaryPort} 2`,
    `sentinel auth-pass ${NAME} ${JSON.stringify(PASSWORD)}`,
    `sentinel down-after-milliseconds ${NAME} ${DOWN_AFTER_MS}`,
    `sentinel failover-timeout ${NAME} 10000`,
    '',
  ];
  await writeFile(file, configuration.join('\n'), { mode: 0o600 });
  const sentinel = await supervise({
    name: 'Sentinel',
    command: await redisBinary(process.env, () => {}),
    args: [file, '--sentinel'],
    env: process.env,
    cwd: tmpdir(),
    stopSignal: 'SIGTERM',
    graceMs: 5_000,
  });
  await sentinel.printed(/\+monitor master/, 20_000);
  return sentinel;
}

async function isComplete(asked: Redis): Promise<boolean> {
  const answer = await asked.call('SENTINEL', 'MASTER', NAME);
  const facts = new Map<string, string>();
  const flat = (answer as string[]).map(String);
  for (let at = 0; at < flat.length; at += 2) facts.set(flat[at] ?? '', flat[at + 1] ?? '');
  return facts.get('num-slaves') === '2' && facts.get('num-other-sentinels') === '2';
}

async function primaryOf(asked: Redis, servers: readonly EmbeddedRedis[]): Promise<EmbeddedRedis> {
  const [, port] = (await asked.call('SENTINEL', 'GET-MASTER-ADDR-BY-NAME', NAME)) as string[];
  const found = servers.find((server) => server.port === Number(port));
  if (found === undefined) throw new Error(`The sentinels name a primary at port ${port}.`);
  return found;
}
