import { closeRedis, connectRedis, type Redis } from '@live-feed/queue/redis/redis';
import { freePort } from '@live-feed/tools/services/free-port';
import type { EmbeddedRedis } from '@live-feed/tools/services/redis';
import { waitFor } from '../wait-for.ts';
import { startTestRedis } from './redis.ts';

/** Three masters with a replica each. */
export interface RedisCluster {
  readonly masters: readonly EmbeddedRedis[];
  readonly replicas: readonly EmbeddedRedis[];
  /** For processes: REDIS_URL and what goes with it. */
  readonly environment: Readonly<Record<string, string>>;
  /** A connection of the test's own to each server, in the order of masters, then replicas. */
  readonly connections: readonly Redis[];
  stop(): Promise<void>;
}

const PASSWORD = 'of-the-cluster';
const SLOTS = 16_384;

export async function startRedisCluster(): Promise<RedisCluster> {
  const stops: (() => Promise<unknown>)[] = [];
  const stop = async () => {
    for (const each of stops.toReversed()) await each();
  };
  try {
    const servers: EmbeddedRedis[] = [];
    const busPorts: number[] = [];
    for (const _ of Array.from({ length: 6 })) {
      const bus = await freePort();
      const server = await startNode(bus);
      stops.push(() => server.stop());
      servers.push(server);
      busPorts.push(bus);
    }
    const connections = servers.map(({ url }) => connectRedis(url, 'jobs', () => {}));
    stops.push(() => Promise.all(connections.map((connection) => closeRedis(connection))));
    await form(servers, busPorts, connections);
    const hosts = servers.map(({ port }) => `127.0.0.1:${port}`).slice(0, 3);
    return {
      masters: servers.slice(0, 3),
      replicas: servers.slice(3),
      environment: { REDIS_URL: `redis://:${PASSWORD}@${hosts.join(',')}`, REDIS_MODE: 'cluster' },
      connections,
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

function startNode(busPort: number): Promise<EmbeddedRedis> {
  return startTestRedis({
    appendonly: true,
    password: PASSWORD,
    settings: () => [
      'cluster-enabled yes',
      `cluster-port ${busPort}`,
      'cluster-node-timeout 2000',
      `masterauth ${PASSWORD}`,
      'repl-diskless-sync-delay 0',
    ],
  });
}

async function form(
  servers: readonly EmbeddedRedis[],
  busPorts: readonly number[],
  connections: readonly Redis[],
): Promise<void> {
  const [first] = connections as [Redis, ...Redis[]];
  const ids = await Promise.all(connections.map(async (each) => String(await each.call('CLUSTER', 'MYID'))));
  for (const [at, connection] of connections.slice(0, 3).entries()) {
    const [from, to] = [at, at + 1].map((n) => Math.ceil((n * SLOTS) / 3));
    await connection.call('CLUSTER', 'ADDSLOTSRANGE', String(from), String((to ?? 0) - 1));
    await connection.call('CLUSTER', 'SET-CONFIG-EPOCH', String(at + 1));
  }
  for (const [at, { port }] of servers.entries()) {
    if (at === 0) continue;
    await first.call('CLUSTER', 'MEET', '127.0.0.1', String(port), String(busPorts[at]));
  }
  const all = async (isSo: (connection: Redis) => Promise<boolean>) =>
    (await Promise.all(connections.map(isSo))).every(Boolean);
  const known = async (connection: Redis) =>
    /cluster_known_nodes:6/.test(String(await connection.call('CLUSTER', 'INFO')));
  await waitFor(() => all(known), { timeoutMs: 60_000, what: 'nodes that know one another' });
  for (const [at, connection] of connections.slice(3).entries()) {
    await connection.call('CLUSTER', 'REPLICATE', ids[at] ?? '');
  }
  const complete = async (connection: Redis) => {
    const nodes = String(await connection.call('CLUSTER', 'NODES'));
    const info = String(await connection.call('CLUSTER', 'INFO'));
    return /cluster_state:ok/.test(info) && (nodes.match(/\bslave [0-9a-f]{40} /g) ?? []).length === 3;
  };
  await waitFor(() => all(complete), { timeoutMs: 60_000, what: 'a whole cluster' });
  const linked = async (connection: Redis) =>
    /master_link_status:up/.test(await connection.info('replication'));
  await waitFor(async () => (await Promise.all(connections.slice(3).map(linked))).every(Boolean), {
    timeoutMs: 60_000,
    what: 'replicas that follow',
  });
}
