import type { Socket } from 'node:net';
import type { Logger } from '@live-feed/runtime/logger';
import type { FastifyInstance } from 'fastify';
import { overloaded } from '../admission/come-back.ts';

/** Whoever asks for these has to get to know that the process lives, and why it takes nothing. */
const ALWAYS_ANSWERED: ReadonlySet<string> = new Set(['/healthz', '/readyz']);

/** So many connections beyond the bound are still answered. */
const SURPLUS = 1_000;

const SAY_EVERY_MS = 10_000;

/**
 * Who connects when there are as many connections as there may be is told to come back, in an answer that clients understand, and the
 * connection ends with it; connections beyond that many more are closed unanswered. Those that are there already stay.
 *
 * @param max connections at once
 */
export function boundConnections(app: FastifyInstance, max: number, logger: Logger): void {
  const surplus = new WeakSet<Socket>();
  let open = 0;
  let saidAt = Number.NEGATIVE_INFINITY;

  function say(): void {
    if (performance.now() - saidAt < SAY_EVERY_MS) return;
    saidAt = performance.now();
    logger.warn({ open, max }, 'there are too many connections');
  }

  app.server.maxConnections = max + SURPLUS;
  app.server.on('drop', say);
  app.server.on('connection', (socket) => {
    open += 1;
    socket.once('close', () => {
      open -= 1;
    });
    if (open <= max) return;
    surplus.add(socket);
    say();
  });
  app.addHook('onRequest', async (request) => {
    if (!surplus.has(request.raw.socket) || ALWAYS_ANSWERED.has(request.routeOptions.url ?? '')) return;
    throw overloaded('There are too many connections here');
  });
  app.addHook('onSend', async (request, reply) => {
    if (surplus.has(request.raw.socket)) reply.header('connection', 'close');
  });
}
