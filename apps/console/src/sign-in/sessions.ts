import { createHash } from 'node:crypto';
import { strongRandomBytes } from '@live-feed/core/crypto/random-bytes';
import type { Database } from '@live-feed/database/connection/client';
import {
  beginSession,
  endSession,
  findSession,
  type SessionLimits,
  type SignedIn,
} from '@live-feed/database/people/sessions';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { browserOf } from './browser.ts';
import { clientAddress } from './client-address.ts';

export type { SessionLimits, SignedIn };

/** Long enough for a shift, short enough for a browser that is left behind. */
export const SESSION_LIMITS: SessionLimits = { idleMs: 12 * 3_600_000, lifeMs: 7 * 86_400_000, most: 10 };

/** Which browser belongs to which person: a cookie holds a random token, the database its digest. */
export interface Sessions {
  begin(request: FastifyRequest, reply: FastifyReply, personId: string): Promise<void>;
  /** Whose request it is; undefined: nobody's. */
  of(request: FastifyRequest): Promise<SignedIn | undefined>;
  end(request: FastifyRequest, reply: FastifyReply): Promise<void>;
}

export interface SessionOptions {
  readonly database: Database;
  readonly limits: SessionLimits;
  readonly basePath: string;
  /** Whether the browser sees the console over HTTPS. */
  readonly isSecure: (request: FastifyRequest) => boolean;
}

const TOKEN_BYTES = 32;
const NAME = 'live-feed-session';

export function createSessions({ database, limits, basePath, isSecure }: SessionOptions): Sessions {
  /** With `__Host-` no other host can set it and no page without TLS; browsers accept that name only over HTTPS, for `/`. */
  const cookie = (request: FastifyRequest) =>
    isSecure(request)
      ? { name: `__Host-${NAME}`, path: '/', secure: true }
      : { name: NAME, path: basePath, secure: false };

  return {
    async begin(request, reply, personId) {
      const token = strongRandomBytes(TOKEN_BYTES).toString('base64url');
      const address = clientAddress(request);
      const browser = browserOf(request.headers['user-agent']);
      await beginSession(database, { personId, digest: digestOf(token), address, browser }, limits);
      const { name, ...options } = cookie(request);
      const maxAge = Math.floor(limits.lifeMs / 1_000);
      reply.setCookie(name, token, { ...options, httpOnly: true, sameSite: 'lax', maxAge });
    },
    async of(request) {
      const token = request.cookies[cookie(request).name];
      return token === undefined ? undefined : findSession(database, digestOf(token), limits);
    },
    async end(request, reply) {
      if (request.signedIn !== null) await endSession(database, request.signedIn.sessionId);
      const { name, ...options } = cookie(request);
      reply.clearCookie(name, options);
    },
  };
}

/** A token has 256 random bits, so a plain digest of it cannot be guessed. */
function digestOf(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}
