import type { Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { ApiError } from '../answers/api-error.ts';

/** Maximum number of requests under way on one connection. Ordinary clients have one or a few. */
export const MOST_UNDER_WAY = 16;

/**
 * Limits the requests under way on one connection. Node starts all requests that arrive in one packet, hundreds of them, before it checks
 * whether the client reads the answers, which would pile up in memory. The requests over the limit are refused, and so are all later ones
 * of that connection, which ends once the first refusal has been sent.
 */
export function boundPipelining(app: FastifyInstance): void {
  const underWay = new WeakMap<Socket, number>();
  const refused = new WeakSet<Socket>();
  const count = (socket: Socket, change: 1 | -1) =>
    underWay.set(socket, (underWay.get(socket) ?? 0) + change);

  app.addHook('onRequest', async (request, reply) => {
    const { socket } = request.raw;
    count(socket, 1);
    reply.raw.once('close', () => count(socket, -1));
    if ((underWay.get(socket) ?? 0) > MOST_UNDER_WAY) refused.add(socket);
    if (!refused.has(socket)) return;
    throw new ApiError('OVERLOADED', { about: 'pipelining', headers: { connection: 'close' } });
  });
}
