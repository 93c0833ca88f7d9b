import { randomUUID } from 'node:crypto';
import { mastersOf, type RedisClient } from './redis-client.ts';
import { redisScript } from './redis-script.ts';
import { CLUSTER_NODE, describeTrouble, READ_ONLY_REPLICA, SENTINEL } from './redis-trouble.ts';
import type { RedisMode } from './settings/redis-server.ts';

/** For XADD with MINID, see `completion-stream.ts`. BullMQ recommends this version too. */
const OLDEST_REDIS = [6, 2] as const;

export interface RedisFindings {
  /** Why this Redis cannot be used. */
  readonly refusal?: string;
  /** Why leads may be lost, although everything works. */
  readonly risk?: string;
}

/** Checks each server's role, version and settings, and whether this user may run the commands that the queues need. */
export async function inspectRedis(redis: RedisClient, mode: RedisMode): Promise<RedisFindings> {
  const all = await Promise.all(
    mastersOf(redis).map(async (server) => judgeServer(await server.info(), mode)),
  );
  const bad = all.find(({ refusal }) => refusal !== undefined);
  if (bad !== undefined) return bad;
  const findings = all.find(({ risk }) => risk !== undefined) ?? {};
  const refused = await rehearse(redis);
  return refused === undefined ? findings : { ...findings, refusal: describeTrouble(refused) };
}

/**
 * @param info the answer to `INFO`
 * @param mode what REDIS_MODE says of the server
 */
export function judgeServer(info: string, mode: RedisMode): RedisFindings {
  const facts = new Map(
    info.split(/\r?\n/).map((line) => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon), line.slice(colon + 1).trim()] as const;
    }),
  );
  const policy = facts.get('maxmemory_policy') ?? 'noeviction';
  const refusal = refusalOf(facts, mode);
  return {
    ...(refusal !== undefined && { refusal }),
    ...(policy !== 'noeviction' && {
      risk: `Redis may evict queued leads: its maxmemory-policy is ${policy}; set it to noeviction.`,
    }),
  };
}

function refusalOf(facts: ReadonlyMap<string, string>, mode: RedisMode): string | undefined {
  // Valkey reports Redis 7.2.
  const version = facts.get('redis_version') ?? '';
  if (isOlder(version, OLDEST_REDIS)) {
    return `Redis ${version} is too old: ${OLDEST_REDIS.join('.')} or later is needed.`;
  }
  if (facts.get('redis_mode') === 'sentinel') return SENTINEL;
  if (facts.get('cluster_enabled') === '1' && mode !== 'cluster') return CLUSTER_NODE;
  // A replica that takes writes loses them.
  return facts.get('role') === 'slave' ? READ_ONLY_REPLICA : undefined;
}

function isOlder(version: string, [needMajor, needMinor]: readonly [number, number]): boolean {
  const [, major, minor] = /^(\d+)\.(\d+)/.exec(version) ?? [];
  if (major === undefined) return false;
  return Number(major) < needMajor || (Number(major) === needMajor && Number(minor) < needMinor);
}

const EXPIRE_MS = 10_000;
const rehearseScript = redisScript(new URL('./rehearse-script.lua', import.meta.url));

/** Runs each kind of command that the queues need, on keys of its own. @returns the first refusal */
async function rehearse(redis: RedisClient): Promise<Error | undefined> {
  const key = (kind: string) => `{lf:pulse}:${randomUUID()}:${kind}`;
  const [hash, sorted, list, stream] = [key('hash'), key('sorted'), key('list'), key('stream')];
  try {
    await rehearseScript.run(redis, [key('count')], [EXPIRE_MS]);
  } catch (error) {
    if (error instanceof Error) return error;
  }
  const answers = await redis
    .pipeline()
    .hset(hash, 'f', '1')
    .hexists(hash, 'f')
    .hgetall(hash)
    .hdel(hash, 'f')
    .zadd(sorted, 0, 'm')
    .zcard(sorted)
    .zrange(sorted, 0, '0')
    .bzpopmin(sorted, 0.01)
    .rpush(list, 'm')
    .llen(list)
    .lindex(list, 0)
    .blpop(list, 0.01)
    .xadd(stream, '*', 'm', '1')
    .pexpire(stream, EXPIRE_MS)
    .xread('COUNT', 1, 'STREAMS', stream, '0')
    .xrevrange(stream, '+', '-', 'COUNT', 1)
    .del(stream)
    .exec();
  return answers?.find(([error]) => error !== null)?.[0] ?? undefined;
}
