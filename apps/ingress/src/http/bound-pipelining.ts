import type { Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { overloaded } from '../admission/come-back.ts';

/** Requests of one connection that may be under way. Clients wait for one answer before they send the next request, or for a few. */
export const MOST_UNDER_WAY = 16;

/**
 * A client that sends without reading would have its answers pile up here: Node takes all requests that arrive in one piece, hundreds of
 * them, before it looks whether their answers are taken. Those beyond the bound are refused, and so is all that comes after them on that
 * connection, since it ends once the first refusal has been sent.
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
    throw overloaded(`At most ${MOST_UNDER_WAY} requests of a connection may be under way`, {
      headers: { connection: 'close' },
    });
  });
}
