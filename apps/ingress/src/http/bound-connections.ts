import type { Socket } from 'node:net';
import type { Logger } from '@live-feed/runtime/logging/logger';
import type { FastifyInstance } from 'fastify';
import { ApiError } from '../answers/api-error.ts';

/** Operators need these answers most while there are too many connections. */
const ALWAYS_ANSWERED: ReadonlySet<string> = new Set(['/healthz', '/readyz']);

/** Connections over the limit that still get an answer. */
const SURPLUS = 1_000;

const LOG_EVERY_MS = 10_000;

/**
 * Limits the connections that are open at once. A request on a connection over the limit gets 429 with `Retry-After`, and the connection
 * ends with it. `SURPLUS` connections further on, connections are closed without an answer. Open connections stay.
 */
export function boundConnections(app: FastifyInstance, max: number, logger: Logger): void {
  const surplus = new WeakSet<Socket>();
  let open = 0;
  let loggedAt = Number.NEGATIVE_INFINITY;

  function log(): void {
    if (performance.now() - loggedAt < LOG_EVERY_MS) return;
    loggedAt = performance.now();
    logger.warn({ open, max }, 'there are too many connections');
  }

  app.server.maxConnections = max + SURPLUS;
  app.server.on('drop', log);
  app.server.on('connection', (socket) => {
    open += 1;
    socket.once('close', () => {
      open -= 1;
    });
    if (open <= max) return;
    surplus.add(socket);
    log();
  });
  app.addHook('onRequest', async (request) => {
    if (!surplus.has(request.raw.socket) || ALWAYS_ANSWERED.has(request.routeOptions.url ?? '')) return;
    throw new ApiError('OVERLOADED', { about: 'connections' });
  });
  app.addHook('onSend', async (request, reply) => {
    if (surplus.has(request.raw.socket)) reply.header('connection', 'close');
  });
}
