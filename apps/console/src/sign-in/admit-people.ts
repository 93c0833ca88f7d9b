import basicAuth from '@fastify/basic-auth';
import type { Logger } from '@live-feed/runtime/logging/logger';
import type { FastifyInstance } from 'fastify';
import type { ConsoleMetrics } from '../console-metrics.ts';
import { type Account, accountCheck, type SignedIn } from './accounts.ts';
import { clientAddress, countedAddress } from './client-address.ts';
import { isReading } from './permitted-routes.ts';
import { forbidden } from './refusals.ts';
import { isFromElsewhere, type OwnOrigins } from './request-origin.ts';
import type { SignInLimit } from './sign-in-limit.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** The signed-in user, once known. */
    signedIn: SignedIn | null;
  }
}

export interface Admission {
  readonly accounts: readonly Account[];
  readonly limit: SignInLimit;
  readonly logger: Logger;
  readonly metrics: ConsoleMetrics;
  /** The only route without authentication. */
  readonly openRoute: string;
  /** The console's addresses in the browser, besides the request's own host. */
  readonly origins: OwnOrigins;
}

/**
 * Checks every request, whatever its path, before anything else: the user and password, the limit on guesses, and that a change is made
 * by an operator and comes from the console's own pages.
 */
export async function admitPeople(app: FastifyInstance, admission: Admission): Promise<void> {
  const { accounts, limit, logger, metrics, openRoute, origins } = admission;
  const check = accountCheck(accounts);
  const accountOf = (user: string) => (accounts.some((known) => known.user === user) ? user : '');

  await app.register(basicAuth, {
    authenticate: { realm: 'Live Feed' },
    // Synchronous from checking the limit to counting a failure, so that concurrent requests cannot evade the limit.
    validate(user, password, request, reply, done) {
      const ip = clientAddress(request);
      const attempt = { address: countedAddress(ip), account: accountOf(user) };
      const blockedForMs = limit.blockedForMs(attempt);
      if (blockedForMs > 0) {
        reply.header('retry-after', String(Math.ceil(blockedForMs / 1_000)));
        return done(tooManyFailures());
      }
      const signedIn = check(user, password);
      if (signedIn === undefined) {
        limit.failed(attempt);
        metrics.signInFailed();
        // Without the user name: it may be a password in the wrong field.
        logger.warn({ ip }, 'a sign-in failed');
        return done(new Error(`Wrong user or password. ${SIGN_IN}`));
      }
      limit.succeeded(attempt);
      request.signedIn = signedIn;
      done();
    },
  });
  app.decorateRequest('signedIn', null);

  app.addHook('onRequest', (request, reply, done) => {
    if (request.routeOptions.url === openRoute) done();
    else app.basicAuth(request, reply, (error) => done(error && explained(error)));
  });
  app.addHook('onRequest', async (request, reply) => {
    if (isReading(request.method)) return;
    if (request.signedIn?.role !== 'operator') {
      return forbidden(reply, 'You are signed in as a viewer, who cannot change anything.');
    }
    if (!isFromElsewhere(request.headers, origins.of(request))) return;
    const { origin, host } = request.headers;
    logger.warn(
      { origin, host, ip: clientAddress(request) },
      'a change was refused: it came from another origin',
    );
    return forbidden(
      reply,
      'The request came from a page of another origin. If this is the console behind a proxy, set CONSOLE_PUBLIC_URL to the address in the browser.',
    );
  });
}

const SIGN_IN =
  'Sign in with HTTP basic authentication, as CONSOLE_USER or CONSOLE_VIEWER_USER of the configuration.';

/** Says what to do where the plugin says only that a header is missing. */
function explained(error: Error): Error {
  if ('code' in error && error.code === 'FST_BASIC_AUTH_MISSING_OR_BAD_AUTHORIZATION_HEADER') {
    error.message = SIGN_IN;
  }
  return error;
}

function tooManyFailures(): Error {
  const error = new Error('Too many wrong passwords. Try again later.');
  return Object.assign(error, { statusCode: 429 });
}
