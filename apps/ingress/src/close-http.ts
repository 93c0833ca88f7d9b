import { setTimeout as delay } from 'node:timers/promises';
import type { FastifyInstance } from 'fastify';
import type { WaitingLeads } from './waiting-leads.ts';

/** From the moment that callers need not wait any longer: to put their leads on disk, and to answer. */
const LAST_ANSWERS_MS = 3_000;

/**
 * Stops the HTTP server without dropping anybody. At first it goes on listening: every answer ends its connection, so that callers who
 * keep theirs open leave before it is closed under a request. Who waits still has an answer within `limitMs`, at the latest
 * that the lead is kept.
 *
 * @param drainMs a quarter of the limit at most
 */
export async function closeHttp(
  app: FastifyInstance,
  waiting: WaitingLeads,
  { drainMs, limitMs }: { readonly drainMs: number; readonly limitMs: number },
): Promise<void> {
  const timer = setTimeout(() => waiting.giveUp(), Math.max(0, limitMs - LAST_ANSWERS_MS));
  try {
    if (app.server.listening) await delay(Math.min(drainMs, limitMs / 4));
    await app.close();
  } finally {
    clearTimeout(timer);
  }
}
