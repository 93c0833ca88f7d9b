import { type Keyring, SealError } from '@live-feed/core/crypto/sealing';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';

/** What a browser keeps from one step of a sign-in to the next: in a cookie that only the console can read and write. */
export interface Pending<Value> {
  keep(request: FastifyRequest, reply: FastifyReply, value: Value): void;
  /** @returns undefined if there is nothing, or it is too old */
  of(request: FastifyRequest): Value | undefined;
  drop(request: FastifyRequest, reply: FastifyReply): void;
}

export interface PendingOptions<Value> {
  /** Of the cookie. */
  readonly name: string;
  readonly schema: z.ZodType<Value>;
  readonly keyring: Keyring;
  readonly basePath: string;
  readonly isSecure: (request: FastifyRequest) => boolean;
}

/** Long enough to find one's phone, or to sign in elsewhere. */
const KEPT_MS = 10 * 60_000;

export function createPending<Value>(options: PendingOptions<Value>): Pending<Value> {
  const { name, schema, keyring, basePath, isSecure } = options;
  const context = { companyId: 'console', column: `cookie ${name}` };
  const keptSchema = z.object({ value: schema, untilMs: z.number() });

  return {
    keep(request, reply, value) {
      const kept = keyring.seal(JSON.stringify({ value, untilMs: Date.now() + KEPT_MS }), context);
      reply.setCookie(name, kept, {
        ...{ path: basePath, httpOnly: true, sameSite: 'lax', secure: isSecure(request) },
        maxAge: KEPT_MS / 1_000,
      });
    },
    of(request) {
      const kept = request.cookies[name];
      if (kept === undefined) return undefined;
      try {
        const read = keptSchema.safeParse(JSON.parse(keyring.unseal(kept, context))).data;
        return read !== undefined && read.untilMs > Date.now() ? read.value : undefined;
      } catch (error) {
        if (error instanceof SealError || error instanceof SyntaxError) return undefined;
        throw error;
      }
    },
    drop(request, reply) {
      reply.clearCookie(name, { path: basePath, secure: isSecure(request) });
    },
  };
}
