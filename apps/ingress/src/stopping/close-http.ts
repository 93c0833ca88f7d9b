import { setTimeout as delay } from 'node:timers/promises';
import type { FastifyInstance } from 'fastify';
import type { Drain } from './drain.ts';
import { stopListening } from './stop-listening.ts';

/** Time to promise leads and to answer after every wait has ended. */
export const LAST_ANSWERS_MS = 5_000;

/** Longer than a busy machine takes to accept the connections that wait. Connections that still arrive after it are reset. */
const ACCEPTING_LIMIT_MS = 1_000;

/**
 * Stops the HTTP server without dropping a request. It first goes on listening and taking leads while load balancers notice that it is not
 * ready. Meanwhile every answer ends its connection, so that no connection is closed with a request on it. Every waiting caller still gets an
 * answer, if only that its lead is kept.
 *
 * @param endWaits ends every wait for an outcome
 */
export async function closeHttp(app: FastifyInstance, endWaits: () => void, drain: Drain): Promise<void> {
  drain.begin();
  const timer = setTimeout(endWaits, drain.answersEndInMs());
  try {
    let ended: Promise<void> | undefined;
    if (app.server.listening) {
      await delay(drain.drainMs);
      // Fastify does not wait for open requests if the server has been closed before.
      ended = new Promise((resolve) => app.server.once('close', resolve));
      await stopListening(app.server, ACCEPTING_LIMIT_MS);
    }
    await app.close();
    await ended;
  } finally {
    clearTimeout(timer);
  }
}
