import { createHash, randomUUID } from 'node:crypto';
import type {
  SharedToken,
  SignInClaim,
  SignInTrouble,
  TokenStore,
} from '@live-feed/core/directory/token-store';

interface Entry<Value> {
  readonly value: Value;
  readonly endsAt: number;
}

/** A store in memory, on a test's own clock: what `createTokenStore` does in Redis. `lose` forgets everything, as Redis may. */
export interface MemoryTokenStore extends TokenStore {
  lose(): void;
}

const MINUTE_MS = 62_000;

/** @param now milliseconds */
export function createMemoryTokenStore(now: () => number): MemoryTokenStore {
  const entries = new Map<string, Entry<unknown>>();

  function get<Value>(key: string): Entry<Value> | undefined {
    const entry = entries.get(key);
    if (entry !== undefined && now() < entry.endsAt) return entry as Entry<Value>;
    entries.delete(key);
    return undefined;
  }
  const set = (key: string, value: unknown, forMs: number) =>
    entries.set(key, { value, endsAt: now() + forMs });
  const leftOf = ({ endsAt }: Entry<unknown>) => endsAt - now();

  function claimOf(name: string, owner: string): SignInClaim {
    const isOwn = () => get(`${name} claim`)?.value === owner;
    const release = async () => {
      if (isOwn()) entries.delete(`${name} claim`);
    };
    return {
      release,
      async extend(forMs) {
        if (!isOwn()) return false;
        set(`${name} claim`, owner, forMs);
        return true;
      },
      async takeRefreshToken() {
        const token = get<string>(`${name} refresh`)?.value;
        entries.delete(`${name} refresh`);
        return token;
      },
      keepRefreshToken: async (token, forMs) => void set(`${name} refresh`, token, forMs),
      readPlatformToken: async () => get<string>(`${name} platform`)?.value,
      keepPlatformToken: async (token, forMs) => void set(`${name} platform`, token, forMs),
      forgetPlatformToken: async () => void entries.delete(`${name} platform`),
      async takeExchange(most) {
        const moments = (get<number[]>(`${name} exchanges`)?.value ?? []).filter(
          (at) => at > now() - MINUTE_MS,
        );
        const first = moments.at(-most);
        if (first !== undefined) return { kind: 'wait', waitMs: first + MINUTE_MS - now() };
        const moment = now();
        moments.push(moment);
        set(`${name} exchanges`, moments, MINUTE_MS);
        return {
          kind: 'granted',
          count: moments.length,
          giveBack: async () => void moments.splice(moments.indexOf(moment), 1),
        };
      },
      async publish(token) {
        const shared: SharedToken = { ...token, id: randomUUID() };
        if (isOwn() && token.leftMs > 0) {
          set(`${name} token`, shared, token.leftMs);
          entries.delete(`${name} trouble`);
        }
        await release();
        return shared;
      },
      async fail(trouble, forMs) {
        if (isOwn()) set(`${name} trouble`, trouble, forMs);
        await release();
      },
    };
  }

  return {
    nameOf: (credential) => createHash('sha256').update(credential).digest('hex'),
    async read(name) {
      const token = get<SharedToken>(`${name} token`);
      const trouble = get<SignInTrouble>(`${name} trouble`);
      return {
        token: token && { ...token.value, leftMs: leftOf(token) },
        trouble: trouble && { ...trouble.value, leftMs: leftOf(trouble) },
      };
    },
    async forget(name, tokenId) {
      if (get<SharedToken>(`${name} token`)?.value.id === tokenId) entries.delete(`${name} token`);
    },
    async claim(name, forMs) {
      if (get(`${name} claim`) !== undefined) return undefined;
      const owner = randomUUID();
      set(`${name} claim`, owner, forMs);
      return claimOf(name, owner);
    },
    lose: () => entries.clear(),
  };
}
