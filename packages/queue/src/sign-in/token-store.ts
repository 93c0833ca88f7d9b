import { randomUUID } from 'node:crypto';
import type { Keyring } from '@live-feed/core/crypto/sealing';
import type {
  SharedSignIn,
  SharedToken,
  SignInClaim,
  TokenStore,
} from '@live-feed/core/directory/token-store';
import { z } from 'zod';
import { isReady, type Redis } from '../redis/redis.ts';
import { redisScript } from '../redis/redis-script.ts';

/**
 * Access tokens in Redis, sealed, each under a digest of its credential. Every key expires: lives are counted by Redis. After Redis has
 * lost everything, a token is made anew.
 */

/** Whole minutes by the dialing system's clock hold no more, even if a call takes some time to arrive. */
const EXCHANGE_WINDOW_MS = 62_000;

const readSignIn = redisScript(new URL('./read-sign-in.lua', import.meta.url));
const claimSignIn = redisScript(new URL('./claim-sign-in.lua', import.meta.url));
const extendClaim = redisScript(new URL('./extend-sign-in.lua', import.meta.url));
const releaseClaim = redisScript(new URL('./release-sign-in.lua', import.meta.url));
const publishToken = redisScript(new URL('./publish-token.lua', import.meta.url));
const tellTrouble = redisScript(new URL('./tell-trouble.lua', import.meta.url));
const forgetToken = redisScript(new URL('./forget-token.lua', import.meta.url));
const takeExchange = redisScript(new URL('./take-exchange.lua', import.meta.url));

const readSchema = z.tuple([z.string().nullable(), z.number(), z.string().nullable(), z.number()]);
const takenSchema = z.tuple([z.number(), z.string(), z.number()]);
const tokenSchema = z.object({ token: z.string(), lifeMs: z.number() });
const troubleSchema = z.object({
  kind: z.enum(['refused', 'throttled', 'failing']),
  reason: z.string(),
  httpStatus: z.number().optional(),
  forMs: z.number(),
});

/** @param redis owned by the caller, connected for the role `requests` */
export function createTokenStore(redis: Redis, keyring: Keyring): TokenStore {
  const seal = (name: string, text: string) => keyring.seal(text, contextOf(name));

  /** What another process has sealed with a key that this one lacks is as good as absent. */
  function unseal(name: string, sealed: string | null | undefined): string | undefined {
    try {
      return sealed ? keyring.unseal(sealed, contextOf(name)) : undefined;
    } catch {
      return undefined;
    }
  }

  function readToken(name: string, value: string | null, leftMs: number): SharedToken | undefined {
    const [id = '', sealed] = value?.split(' ') ?? [];
    const text = unseal(name, sealed);
    if (text === undefined || leftMs <= 0) return undefined;
    const parsed = tokenSchema.safeParse(parse(text));
    if (!parsed.success) return undefined;
    return { id, ...parsed.data, leftMs: Math.min(leftMs, parsed.data.lifeMs) };
  }

  async function read(name: string): Promise<SharedSignIn> {
    requireReady(redis);
    const keys = keysOf(name);
    const answer = readSchema.parse(await readSignIn.run(redis, [keys.token, keys.trouble], []));
    const [token, tokenMs, trouble, troubleMs] = answer;
    return { token: readToken(name, token, tokenMs), trouble: readTrouble(trouble, troubleMs) };
  }

  function claimOf(name: string, owner: string): SignInClaim {
    const keys = keysOf(name);
    const release = async () => {
      await releaseClaim.run(redis, [keys.claim], [owner]);
    };
    const keep = async (key: string, token: string, forMs: number) => {
      if (forMs >= 1) await redis.set(key, seal(name, token), 'PX', Math.floor(forMs));
    };
    return {
      release,
      extend: async (forMs) => (await extendClaim.run(redis, [keys.claim], [owner, forMs])) === 1,
      async takeRefreshToken() {
        // In this order on one connection; who takes it holds the claim.
        const [sealed] = await Promise.all([redis.get(keys.refresh), redis.del(keys.refresh)]);
        return unseal(name, sealed);
      },
      keepRefreshToken: (token, forMs) => keep(keys.refresh, token, forMs),
      readPlatformToken: async () => unseal(name, await redis.get(keys.platform)),
      keepPlatformToken: (token, forMs) => keep(keys.platform, token, forMs),
      async forgetPlatformToken() {
        await redis.del(keys.platform);
      },
      async takeExchange(most) {
        const answer = await takeExchange.run(
          redis,
          [keys.exchanges, keys.count],
          [most, EXCHANGE_WINDOW_MS],
        );
        const [waitMs, moment, count] = takenSchema.parse(answer);
        if (waitMs > 0) return { kind: 'wait', waitMs };
        return {
          kind: 'granted',
          count,
          giveBack: async () => {
            await redis.lrem(keys.exchanges, 1, moment);
          },
        };
      },
      async publish({ token, lifeMs, leftMs }) {
        const id = randomUUID();
        const value = `${id} ${seal(name, JSON.stringify({ token, lifeMs }))}`;
        const { claim, token: key, trouble } = keys;
        await publishToken.run(redis, [claim, key, trouble], [owner, value, Math.floor(leftMs)]);
        return { id, token, lifeMs, leftMs };
      },
      async fail(trouble, forMs) {
        const ms = Math.max(1, Math.ceil(forMs));
        const text = JSON.stringify({ ...trouble, forMs: ms });
        await tellTrouble.run(redis, [keys.claim, keys.trouble], [owner, text, ms]);
      },
    };
  }

  return {
    nameOf: (credential) => keyring.digest(`sign-in ${credential}`),
    read,
    async forget(name, tokenId) {
      await forgetToken.run(redis, [keysOf(name).token], [tokenId]);
    },
    async claim(name, forMs) {
      requireReady(redis);
      const owner = randomUUID();
      const claimed = await claimSignIn.run(redis, [keysOf(name).claim], [owner, forMs]);
      return claimed === 1 ? claimOf(name, owner) : undefined;
    },
  };
}

/** The sealed texts belong to a credential, whichever companies have it. */
const contextOf = (name: string) => ({ companyId: name, column: 'sign-in' });

function keysOf(name: string) {
  const tag = `{lf:sign-in:${name}}`;
  return {
    /** A string: the token's id, a space, the sealed token; expires with the token. */
    token: `${tag}:token`,
    /** Sealed; expires with it. */
    refresh: `${tag}:refresh-token`,
    /** Sealed: RingCentral's access token; expires with it. */
    platform: `${tag}:platform-token`,
    /** A string, who signs in at the moment. */
    claim: `${tag}:claim`,
    /** JSON: why nobody tries at the moment. */
    trouble: `${tag}:trouble`,
    /** A list of the moments of the latest exchanges. */
    exchanges: `${tag}:exchanges`,
    /** Tells apart exchanges of one millisecond. */
    count: `${tag}:exchange-count`,
  };
}

/** With more time left than it was given it is from before Redis' clock was set back, and would not end for as long. */
function readTrouble(value: string | null, leftMs: number): SharedSignIn['trouble'] {
  const parsed = troubleSchema.safeParse(parse(value ?? ''));
  if (!parsed.success || leftMs <= 0 || leftMs > parsed.data.forMs) return undefined;
  const { forMs, ...trouble } = parsed.data;
  return { ...trouble, leftMs };
}

function requireReady(redis: Redis): void {
  if (!isReady(redis)) throw new Error('Nobody can sign in while Redis is unavailable.');
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
