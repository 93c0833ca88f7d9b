import { type EmbeddedRedis, type RedisOptions, startRedis } from '@live-feed/tools/services/redis';
import { afterAll, beforeAll } from 'vitest';

/** A Redis of the caller's own; who starts it stops it. */
export function startTestRedis(options: RedisOptions = {}): Promise<EmbeddedRedis> {
  return startRedis(options);
}

/** A Redis for the tests of the surrounding `describe` or file, theirs alone. It may be used from `beforeAll` on. */
export function useRedis(options: RedisOptions = {}): {
  readonly url: string;
  readonly server: EmbeddedRedis;
} {
  let started: EmbeddedRedis | undefined;
  beforeAll(async () => {
    started = await startTestRedis(options);
  });
  afterAll(() => started?.stop());
  return {
    get server() {
      if (!started) throw new Error('Redis is there from beforeAll on: read its url in a hook or a test.');
      return started;
    },
    get url() {
      return this.server.url;
    },
  };
}
