/**
 * Runs before the body of a request to a dialing system is read: counts the request, checks its token or bearer token, then the rate
 * windows.
 */
import type { IncomingHttpHeaders } from 'node:http';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { DialingSystem, Mount } from '../api/dialing-system.ts';
import { DialingSystemError, defaultErrorCode } from '../api/error-answer.ts';
import { isGoodToken } from '../api/tokens.ts';
import type { Operation } from '../control/statistics.ts';
import type { FaultPlan } from './fault-plan.ts';
import { answerWithFault } from './faulty-answer.ts';

export function createGate(system: DialingSystem, mount: Mount, operation: Operation) {
  return async function gate(
    request: FastifyRequest<{ Params: { accountId?: string } }>,
    reply: FastifyReply,
  ): Promise<FastifyReply | undefined> {
    const account = `${mount.family}/${request.params.accountId ?? ''}`;
    countUntilOver(system, operation, account, reply);
    if (!checkToken(system, mount, request.headers)) {
      return answerWithFault(reply, { kind: 'expire' }, null, system.clock());
    }
    checkWindows(system, operation, account, reply);
    return undefined;
  };
}

/** A reply ends when it was sent or its connection was closed, whichever comes first. */
function countUntilOver(system: DialingSystem, operation: Operation, account: string, reply: FastifyReply) {
  const end = system.statistics.begin(operation, account);
  let over = false;
  const finish = () => {
    if (over) return;
    over = true;
    end(reply.raw.headersSent ? reply.raw.statusCode : null);
  };
  reply.raw.once('finish', finish);
  reply.raw.once('close', finish);
}

/** @returns false for a bearer token that has ended */
function checkToken(system: DialingSystem, mount: Mount, headers: IncomingHttpHeaders): boolean {
  const bearer = bearerOf(mount, headers);
  const standing = bearer === undefined ? 'unknown' : system.sessions.standing(bearer);
  if (standing !== 'unknown') return standing === 'good';
  const token = headers[mount.authHeader];
  const rules = { accepted: system.tokens, revoked: system.behaviour().scenario.revokedTokens };
  if (typeof token === 'string' && isGoodToken(mount.family, token, rules)) return true;
  throw new DialingSystemError(401, defaultErrorCode(401), 'A valid API token is required');
}

/** Only RingCX has bearer tokens, on its current hosts. */
function bearerOf({ family }: Mount, { authorization }: IncomingHttpHeaders): string | undefined {
  if (family !== 'ringcx') return undefined;
  return /^Bearer (\S+)$/i.exec(authorization ?? '')?.[1];
}

/** Ends the bearer token of a request whose fault is that; of a request without one the fault is left out. */
export function expireToken(
  system: DialingSystem,
  mount: Mount,
  headers: IncomingHttpHeaders,
  plan: FaultPlan,
): FaultPlan {
  if (plan.answer?.kind !== 'expire') return plan;
  const bearer = bearerOf(mount, headers);
  if (bearer === undefined) return { ...plan, answer: null };
  system.sessions.expire(bearer);
  return plan;
}

function checkWindows(
  system: DialingSystem,
  operation: Operation,
  account: string,
  reply: FastifyReply,
): void {
  const { scenario, windows } = system.behaviour();
  const nowMs = system.clock();
  const excess = windows?.[operation].take(account, nowMs) ?? null;
  if (excess === null) return;

  system.statistics.violated({ atMs: nowMs, operation, account, ...excess });
  const { retryAfterSeconds } = scenario.limits;
  if (retryAfterSeconds !== undefined) reply.header('retry-after', retryAfterSeconds);
  const { requests, perMs } = excess.window;
  const message = `More than ${requests} requests within ${perMs / 1000} seconds`;
  throw new DialingSystemError(429, defaultErrorCode(429), message);
}
