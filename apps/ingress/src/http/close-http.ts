import { setTimeout as delay } from 'node:timers/promises';
import type { FastifyInstance } from 'fastify';
import type { Drain } from '../drain.ts';
import type { WaitingLeads } from '../outcome/waiting-leads.ts';
import { stopListening } from './stop-listening.ts';

/** From the moment that callers need not wait any longer: to put their leads on disk, and to answer. */
export const LAST_ANSWERS_MS = 5_000;

/** More than a busy machine takes to accept what waits; connections that come for longer than that are reset. */
const ACCEPTING_LIMIT_MS = 1_000;

/**
 * Stops the HTTP server without dropping anybody. At first it goes on listening and taking leads, while a load balancer finds out that it is not
 * ready; every answer ends its connection, so that callers who keep theirs open leave before it is closed under a request. Who waits still has
 * an answer, at the latest that the lead is kept.
 */
export async function closeHttp(app: FastifyInstance, waiting: WaitingLeads, drain: Drain): Promise<void> {
  drain.begin();
  const timer = setTimeout(() => waiting.giveUp(), drain.answersEndInMs());
  try {
    let ended: Promise<void> | undefined;
    if (app.server.listening) {
      await delay(drain.drainMs);
      // Fastify does not wait for the answers of a server that has been closed already.
      ended = new Promise((resolve) => app.server.once('close', resolve));
      await stopListening(app.server, ACCEPTING_LIMIT_MS);
    }
    await app.close();
    await ended;
  } finally {
    clearTimeout(timer);
  }
}
