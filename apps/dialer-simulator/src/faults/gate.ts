/** Runs before the body of a request to a dialing system is read: counts the request, checks its token, then the rate windows. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { DialingSystem, Mount } from '../api/dialing-system.ts';
import { DialingSystemError, defaultErrorCode } from '../api/error-answer.ts';
import { isGoodToken } from '../api/tokens.ts';
import type { Operation } from '../control/statistics.ts';

export function createGate(system: DialingSystem, mount: Mount, operation: Operation) {
  return async function gate(
    request: FastifyRequest<{ Params: { accountId?: string } }>,
    reply: FastifyReply,
  ): Promise<void> {
    const account = `${mount.family}/${request.params.accountId ?? ''}`;
    countUntilOver(system, operation, account, reply);
    checkToken(system, mount, request.headers[mount.authHeader]);
    checkWindows(system, operation, account, reply);
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

function checkToken(system: DialingSystem, mount: Mount, token: string | string[] | undefined): void {
  const rules = { accepted: system.tokens, revoked: system.behaviour().scenario.revokedTokens };
  if (typeof token === 'string' && isGoodToken(mount.family, token, rules)) return;
  throw new DialingSystemError(401, defaultErrorCode(401), 'A valid API token is required');
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
