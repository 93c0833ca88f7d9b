/** What every request to a dialing system passes before its body is read: it is counted, then its token is checked. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { DialingSystem, Mount } from './dialing-system.ts';
import { DialingSystemError } from './error-answer.ts';
import type { Operation } from './statistics.ts';
import { isGoodToken } from './tokens.ts';

export function createGate(system: DialingSystem, mount: Mount, operation: Operation) {
  return async function gate(
    request: FastifyRequest<{ Params: { accountId: string } }>,
    reply: FastifyReply,
  ): Promise<void> {
    countUntilOver(system, operation, `${mount.family}/${request.params.accountId}`, reply);

    const token = request.headers[mount.authHeader];
    if (
      typeof token !== 'string' ||
      !isGoodToken(mount.family, token, { accepted: system.tokens, revoked: [] })
    ) {
      throw new DialingSystemError(401, 'authentication.exception', 'A valid API token is required');
    }
  };
}

/** A reply is over when it was sent, or when its connection is gone, whichever the fault of the moment allows. */
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
