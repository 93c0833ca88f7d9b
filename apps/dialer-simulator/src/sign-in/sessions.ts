/**
 * What a client has signed in with, as RingCentral documents it: an access token of RingCentral with a JWT credential, exchanged for a
 * bearer token of RingCX and a refresh token, which is spent by its first use. Bounded: the oldest of each kind is forgotten.
 */
import { createHash, randomBytes } from 'node:crypto';

/** Who signs in: a client with a JWT. */
export interface Client {
  readonly clientId: string;
  /** Of the JWT: what the exchanges of a minute are counted for. */
  readonly accountId: string;
}

export interface IssuedTokens {
  readonly accessToken: string;
  readonly refreshToken: string;
}

export type Sessions = ReturnType<typeof createSessions>;

interface Ending {
  readonly client: Client;
  readonly endsAtMs: number;
}

/** Of each kind. */
const KEPT = 10_000;

export function createSessions(clock: () => number) {
  const platformTokens = new Map<string, Ending>();
  const bearerTokens = new Map<string, Ending>();
  const refreshTokens = new Map<string, Client>();

  function client(clientId: string, jwt: string): Client {
    const digest = createHash('sha256').update(jwt).digest('hex');
    return {
      clientId,
      accountId: String(10_000_000 + (Number.parseInt(digest.slice(0, 7), 16) % 90_000_000)),
    };
  }

  return {
    client,

    /** RingCentral's access token. */
    signIn(client: Client, lifeMs: number): string {
      const token = opaque('rc');
      remember(platformTokens, token, { client, endsAtMs: clock() + lifeMs });
      return token;
    },

    /** Whose access token of RingCentral it is; undefined for one that is unknown or has ended. */
    clientOf(platformToken: string): Client | undefined {
      const known = platformTokens.get(platformToken);
      return known !== undefined && clock() < known.endsAtMs ? known.client : undefined;
    },

    /** Whose refresh token it is; undefined for one that is unknown or spent. */
    clientToRefresh: (refreshToken: string): Client | undefined => refreshTokens.get(refreshToken),

    spend: (refreshToken: string): boolean => refreshTokens.delete(refreshToken),

    issue(client: Client, lifeMs: number): IssuedTokens {
      const nowMs = clock();
      const accessToken = jwtOf({ sub: client.accountId, iat: nowMs / 1_000, exp: (nowMs + lifeMs) / 1_000 });
      const refreshToken = opaque('refresh');
      remember(bearerTokens, accessToken, { client, endsAtMs: nowMs + lifeMs });
      remember(refreshTokens, refreshToken, client);
      return { accessToken, refreshToken };
    },

    standing(bearerToken: string): 'good' | 'expired' | 'unknown' {
      const known = bearerTokens.get(bearerToken);
      if (known === undefined) return 'unknown';
      return clock() < known.endsAtMs ? 'good' : 'expired';
    },

    /** Ends it before its time. */
    expire(bearerToken: string): void {
      const known = bearerTokens.get(bearerToken);
      if (known !== undefined)
        bearerTokens.set(bearerToken, { ...known, endsAtMs: Number.NEGATIVE_INFINITY });
    },
  };
}

function opaque(kind: string): string {
  return `${kind}-${randomBytes(24).toString('base64url')}`;
}

/** In the form of a JWT; nobody can verify it. */
function jwtOf(claims: Readonly<Record<string, unknown>>): string {
  const parts = [{ alg: 'HS256', typ: 'JWT' }, claims].map((part) => Buffer.from(JSON.stringify(part)));
  return [...parts, randomBytes(32)].map((part) => part.toString('base64url')).join('.');
}

function remember<Value>(known: Map<string, Value>, token: string, value: Value): void {
  known.set(token, value);
  const [oldest] = known.keys();
  if (known.size > KEPT && oldest !== undefined) known.delete(oldest);
}
