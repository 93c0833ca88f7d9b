import { Cluster, type ClusterOptions, Redis as IoRedis, type RedisOptions } from 'ioredis';
import type { RedisServer } from './settings/redis-server.ts';
import { writeTogether } from './write-together.ts';

/** Of a cluster, only the commands that it has in common with a Redis may be used. */
export type RedisClient = IoRedis;

/** How the commands of a connection fail. */
export interface CommandOptions {
  /** Whether commands wait for the connection. */
  readonly enableOfflineQueue: boolean;
  /** `null`: without an end. */
  readonly maxRetriesPerRequest: number | null;
  readonly commandTimeout?: number;
  readonly socketTimeout: number;
}

export interface ClientHooks {
  /** @returns how long to wait before the next attempt to connect */
  readonly retryDelayMs: (attempts: number) => number;
  /** Called for every command that Redis refuses. @returns whether to connect anew */
  readonly reconnectOnError: (error: Error) => boolean;
}

const SENTINEL_PORT = 26_379;
const REDIS_PORT = 6_379;
/** A sentinel that is frozen must not keep the others from being asked. */
const SENTINEL_LIMIT_MS = 1_000;
const FAILOVER_RETRY_MS = 100;
/** A command of a connection whose commands wait is tried for so long while the master of its slot is away. */
const FAILOVER_TRIES = 300;
const SLOTS_REFRESH_MS = 2_000;

/** Opens a client of ioredis. It goes on trying to connect, whatever is wrong. */
export function openClient(server: RedisServer, commands: CommandOptions, hooks: ClientHooks): RedisClient {
  const { mode, nodes, username, password, database, family, tls } = server;
  const options = {
    ...commands,
    username,
    password,
    db: database,
    family,
    // Of undefined properties ioredis takes its defaults.
    tls: tls === undefined ? undefined : { ...tls },
    connectTimeout: 2_000,
    // For the end of a connection that the server may not acknowledge.
    disconnectTimeout: 500,
    keepAlive: 5_000,
    reconnectOnError: hooks.reconnectOnError,
  } satisfies RedisOptions;
  switch (mode) {
    case 'single': {
      const [{ host, port = REDIS_PORT } = { host: '' }] = nodes;
      const redis = new IoRedis({ ...options, host, port, retryStrategy: hooks.retryDelayMs });
      writeTogether(redis);
      return redis;
    }
    case 'sentinel': {
      const redis = new IoRedis({
        ...options,
        ...sentinelOptions(server),
        retryStrategy: hooks.retryDelayMs,
        sentinelRetryStrategy: hooks.retryDelayMs,
      });
      writeTogether(redis);
      return redis;
    }
    case 'cluster':
      return openCluster(
        nodes.map(({ host, port = REDIS_PORT }) => ({ host, port })),
        options,
        hooks,
      );
  }
}

function sentinelOptions({ nodes, sentinel, tls }: RedisServer) {
  return {
    sentinels: nodes.map(({ host, port = SENTINEL_PORT }) => ({ host, port })),
    name: sentinel?.name ?? '',
    sentinelUsername: sentinel?.username,
    sentinelPassword: sentinel?.password,
    sentinelCommandTimeout: SENTINEL_LIMIT_MS,
    // Only the sentinels that are named: what they call one another need not be reachable from here.
    updateSentinels: false,
    // It ends connections for good. Silence and the errors of a server that was demoted show a failover, too.
    failoverDetector: false,
    ...(tls === undefined ? {} : { enableTLSForSentinelMode: true, sentinelTLS: { ...tls } }),
  } satisfies RedisOptions;
}

function openCluster(
  nodes: { readonly host: string; readonly port: number }[],
  { enableOfflineQueue, db: _db, ...options }: CommandOptions & RedisOptions,
  { retryDelayMs }: ClientHooks,
): RedisClient {
  const { replyMapping: _, ...redisOptions } = options;
  const cluster = new Cluster(nodes, {
    redisOptions,
    enableOfflineQueue,
    clusterRetryStrategy: retryDelayMs,
    retryDelayOnFailover: FAILOVER_RETRY_MS,
    retryDelayOnClusterDown: FAILOVER_RETRY_MS,
    slotsRefreshInterval: SLOTS_REFRESH_MS,
    ...(options.maxRetriesPerRequest === null ? { maxRedirections: FAILOVER_TRIES } : {}),
  } satisfies ClusterOptions);
  cluster.on('+node', (node: IoRedis) => writeTogether(node));
  return cluster as unknown as RedisClient;
}

function clusterOf(redis: RedisClient): Cluster | undefined {
  return redis.isCluster ? (redis as unknown as Cluster) : undefined;
}

/** The masters of a cluster; a server alone is its own. */
export function mastersOf(redis: RedisClient): IoRedis[] {
  return clusterOf(redis)?.nodes('master') ?? [redis];
}

/** The names of the masters by slot; undefined if it is no cluster. */
export function slotMasters(redis: RedisClient): readonly (string | undefined)[] | undefined {
  return clusterOf(redis)?.slots.map(([master]) => master);
}
