import basicAuth from '@fastify/basic-auth';
import type { Logger } from '@live-feed/runtime/logger';
import type { FastifyInstance } from 'fastify';
import { type Account, accountCheck, type SignedIn } from './accounts.ts';
import type { DashboardMetrics } from './dashboard-metrics.ts';
import { isReading } from './permitted-routes.ts';
import { forbidden } from './refusals.ts';
import { isFromElsewhere } from './request-origin.ts';
import type { SignInLimit } from './sign-in-limit.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Who asks, once that is known. */
    signedIn: SignedIn | null;
  }
}

export interface Admission {
  readonly accounts: readonly Account[];
  readonly limit: SignInLimit;
  readonly logger: Logger;
  readonly metrics: DashboardMetrics;
  /** The one route that asks nobody. */
  readonly openRoute: string;
}

/**
 * What holds for every request, whatever its path, before anything else looks at it: who it is, that an address does not guess, and
 * that a change is an operator's and comes from the dashboard's own pages.
 */
export async function admitPeople(app: FastifyInstance, admission: Admission): Promise<void> {
  const { accounts, limit, logger, metrics, openRoute } = admission;
  const check = accountCheck(accounts);

  await app.register(basicAuth, {
    authenticate: { realm: 'Live Feed' },
    async validate(user, password, request) {
      const signedIn = check(user, password);
      if (signedIn === undefined) {
        limit.failed(request.ip);
        metrics.signInFailed();
        // Not the name that was given: it may be the password, in the wrong field.
        logger.warn({ ip: request.ip }, 'somebody did not get in');
        return new Error('Wrong user or password.');
      }
      limit.succeeded(request.ip);
      request.signedIn = signedIn;
    },
  });
  app.decorateRequest('signedIn', null);

  app.addHook('onRequest', async (request, reply) => {
    if (request.routeOptions.url === openRoute) return;
    const blockedForMs = limit.blockedForMs(request.ip);
    if (blockedForMs === 0) return;
    return reply
      .code(429)
      .header('retry-after', String(Math.ceil(blockedForMs / 1_000)))
      .send({ error: 'Too many wrong passwords from this address. Try again later.' });
  });
  app.addHook('onRequest', (request, reply, done) => {
    if (request.routeOptions.url === openRoute) done();
    else app.basicAuth(request, reply, done);
  });
  app.addHook('onRequest', async (request, reply) => {
    if (isReading(request.method)) return;
    if (request.signedIn?.role !== 'operator' || isFromElsewhere(request.headers)) return forbidden(reply);
  });
}
