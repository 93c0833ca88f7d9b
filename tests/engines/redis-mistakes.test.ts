import { closeRedis, connectRedis, isReady } from '@live-feed/queue/redis/redis';
import { freePort } from '@live-feed/tools/services/free-port';
import type { EmbeddedRedis } from '@live-feed/tools/services/redis';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { startTestRedis } from '../kit/services/redis.ts';
import { serverIn } from '../kit/services/redis-environment.ts';
import { startWatchedRedis, type WatchedRedis } from '../kit/services/redis-sentinels.ts';
import { waitFor } from '../kit/wait-for.ts';

/** Servers that are not what the variables say are told in a sentence. */

let watched: WatchedRedis;
let single: EmbeddedRedis;
let writableReplica: EmbeddedRedis;
let node: EmbeddedRedis;

beforeAll(async () => {
  watched = await startWatchedRedis();
  single = await startTestRedis();
  const { password } = new URL(single.url);
  writableReplica = await startTestRedis({
    password,
    settings: () => [`replicaof 127.0.0.1 ${single.port}`, `masterauth ${password}`, 'replica-read-only no'],
  });
  node = await startClusterNode();
});
afterAll(async () => {
  for (const each of [node, writableReplica, single, watched]) await each?.stop();
});

async function startClusterNode(): Promise<EmbeddedRedis> {
  const bus = await freePort();
  return startTestRedis({ settings: () => ['cluster-enabled yes', `cluster-port ${bus}`] });
}

const inMode = (REDIS_MODE: string, REDIS_URL: string) => ({
  REDIS_MODE,
  REDIS_URL,
  ...(REDIS_MODE === 'sentinel' ? { REDIS_SENTINEL_NAME: 'mymaster' } : {}),
});
const sentinels = (change: Record<string, string>) => ({ ...watched.environment, ...change });

test.each<[string, () => Record<string, string>, RegExp]>([
  [
    'a replica that takes writes',
    () => inMode('single', writableReplica.url),
    /^Redis is a read-only replica; REDIS_URL must lead to the primary/,
  ],
  [
    'a node of a cluster',
    () => inMode('single', node.url),
    /^Redis is a node of a cluster: set REDIS_MODE to cluster|^The Redis cluster does not serve all keys/,
  ],
  [
    'a sentinel',
    () => {
      const [first] = String(watched.environment['REDIS_URL']).split('@').at(-1)?.split(',') ?? [];
      return inMode('single', `redis://:${watched.environment['REDIS_SENTINEL_PASSWORD']}@${first}`);
    },
    /^There is a sentinel at REDIS_URL: set REDIS_MODE to sentinel/,
  ],
  [
    'a server in place of a sentinel',
    () => sentinels({ REDIS_URL: single.url, REDIS_SENTINEL_PASSWORD: new URL(single.url).password }),
    /^There is no sentinel at REDIS_URL, but a Redis/,
  ],
  [
    'a name that the sentinels do not know',
    () => sentinels({ REDIS_SENTINEL_NAME: 'another' }),
    /^The sentinels know no server called REDIS_SENTINEL_NAME/,
  ],
  [
    'a wrong password of the sentinels',
    () => sentinels({ REDIS_SENTINEL_PASSWORD: 'hunter2hunter2' }),
    /^The sentinels refuse REDIS_SENTINEL_USERNAME or REDIS_SENTINEL_PASSWORD/,
  ],
  [
    'sentinels that are not there',
    () => inMode('sentinel', 'redis://127.0.0.1:1,127.0.0.1:2'),
    /^No sentinel at REDIS_URL can be reached/,
  ],
  [
    'a single server in place of a cluster',
    () => inMode('cluster', single.url),
    /^Redis is not a cluster: set REDIS_MODE to single/,
  ],
  [
    'a cluster that is not there',
    () => inMode('cluster', 'redis://127.0.0.1:1,127.0.0.1:2'),
    /^No node of the Redis cluster can be reached/,
  ],
])('%s', async (_, variables, sentence) => {
  const redis = connectRedis(serverIn(variables()), 'requests', () => {});
  onTestFinished(() => closeRedis(redis));
  await waitFor(() => sentence.test(String(redis.health.why())), { what: `${sentence}` });
  expect(redis.health.why()).not.toContain('hunter2');
  expect(isReady(redis)).toBe(false);
});
