import { randomUUID } from 'node:crypto';
import type { Redis } from 'ioredis';
import { redisScript } from './redis-script.ts';
import { describeTrouble } from './redis-trouble.ts';

/** XADD with MINID, see `completion-stream.ts`; BullMQ recommends it, too. */
const OLDEST_REDIS = [6, 2] as const;

export interface RedisFindings {
  /** Keeps the work from being done. */
  readonly refusal?: string;
  /** Work is done, but something may be lost. */
  readonly risk?: string;
}

/** Finds out whether the server is one that the queues can live on, and lets this user do what they do. */
export async function inspectRedis(redis: Redis): Promise<RedisFindings> {
  const findings = judgeServer(await redis.info());
  if (findings.refusal !== undefined) return findings;
  const refused = await rehearse(redis);
  return refused === undefined ? findings : { ...findings, refusal: describeTrouble(refused) };
}

/** By its `INFO`. */
export function judgeServer(info: string): RedisFindings {
  const facts = new Map(
    info.split(/\r?\n/).map((line) => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon), line.slice(colon + 1).trim()] as const;
    }),
  );
  // Valkey says that it is Redis 7.2.
  const version = facts.get('redis_version') ?? '';
  const policy = facts.get('maxmemory_policy') ?? 'noeviction';
  return {
    ...(isOlder(version, OLDEST_REDIS) && {
      refusal: `Redis ${version} is too old: ${OLDEST_REDIS.join('.')} or later is needed.`,
    }),
    ...(policy !== 'noeviction' && {
      risk: `Redis may forget queued leads: its maxmemory-policy is ${policy}, and must be noeviction.`,
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

/** A command of each kind that the queues need, on keys that nobody else uses. @returns the first refusal */
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
