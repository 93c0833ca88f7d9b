import { randomUUID } from 'node:crypto';
import type { Redis } from 'ioredis';
import { redisScript } from './redis-script.ts';
import { describeTrouble } from './redis-trouble.ts';

/** For XADD with MINID, see `completion-stream.ts`. BullMQ recommends this version too. */
const OLDEST_REDIS = [6, 2] as const;

export interface RedisFindings {
  /** Why this Redis cannot be used. */
  readonly refusal?: string;
  /** Why leads may be lost, although everything works. */
  readonly risk?: string;
}

/** Checks the server's version and settings, and whether this user may run the commands that the queues need. */
export async function inspectRedis(redis: Redis): Promise<RedisFindings> {
  const findings = judgeServer(await redis.info());
  if (findings.refusal !== undefined) return findings;
  const refused = await rehearse(redis);
  return refused === undefined ? findings : { ...findings, refusal: describeTrouble(refused) };
}

/** @param info the answer to `INFO` */
export function judgeServer(info: string): RedisFindings {
  const facts = new Map(
    info.split(/\r?\n/).map((line) => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon), line.slice(colon + 1).trim()] as const;
    }),
  );
  // Valkey reports Redis 7.2.
  const version = facts.get('redis_version') ?? '';
  const policy = facts.get('maxmemory_policy') ?? 'noeviction';
  return {
    ...(isOlder(version, OLDEST_REDIS) && {
      refusal: `Redis ${version} is too old: ${OLDEST_REDIS.join('.')} or later is needed.`,
    }),
    ...(policy !== 'noeviction' && {
      risk: `Redis may evict queued leads: its maxmemory-policy is ${policy}; set it to noeviction.`,
    }),
  };
}

function isOlder(version: string, [needMajor, needMinor]: readonly [number, number]): boolean {
  const [, major, minor] = /^(\d+)\.(\d+)/.exec(version) ?? [];
  if (major === undefined) return false;
  return Number(major) < needMajor || (Number(major) === needMajor && Number(minor) < needMinor);
}

const EXPIRE_MS = 10_000;
const rehearseScript = redisScript(new URL('./rehearse-script.lua', import.meta.url));

/** Runs each kind of command that the queues need, on keys of its own. @returns the first refusal */
async function rehearse(redis: Redis): Promise<Error | undefined> {
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
