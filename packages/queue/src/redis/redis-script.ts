import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import type { Redis } from 'ioredis';

/** A Lua script that Redis runs as one step. Its keys share a hash tag, as a Redis Cluster requires. */
export interface RedisScript {
  run(redis: Redis, keys: readonly string[], args: readonly (string | number)[]): Promise<unknown>;
}

type ScriptCommand = (keyCount: number, ...keysAndArgs: readonly (string | number)[]) => Promise<unknown>;

/**
 * ioredis sends the script by its hash, and in full to a Redis that does not know it, after a restart for instance.
 *
 * @param files of Lua, read at once and joined in this order; the script has the name of the last
 */
export function redisScript(...files: readonly URL[]): RedisScript {
  const lua = files.map((file) => readFileSync(file, 'utf8')).join('\n');
  const name = basename(files.at(-1)?.pathname ?? '', '.lua');
  return {
    async run(redis, keys, args) {
      if (!(name in redis)) redis.defineCommand(name, { lua });
      const commands = redis as unknown as Readonly<Record<string, ScriptCommand>>;
      return commands[name]?.(keys.length, ...keys, ...args);
    },
  };
}
