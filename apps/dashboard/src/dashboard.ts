import basicAuth from '@fastify/basic-auth';
import type { Database } from '@live-feed/database/client';
import { type DialerName, listDialerNames } from '@live-feed/database/dialer-names';
import { openInspectedQueue } from '@live-feed/queue/inspected-queue';
import type { Redis } from '@live-feed/queue/redis';
import type { Logger } from '@live-feed/runtime/logger';
import fastify, { type FastifyBaseLogger, type FastifyInstance, LogController } from 'fastify';
import { createBoard } from './board.ts';
import { type Credentials, credentialsCheck } from './credentials.ts';
import { type DialerFollower, followDialers } from './dialer-follower.ts';
import { isReading } from './permitted-routes.ts';

export interface DashboardDependencies {
  /** Owned by the caller. */
  readonly database: Database;
  /** Connected for the role `requests`, so that a page fails rather than hangs; owned by the caller. */
  readonly redis: Redis;
  readonly logger: Logger;
  readonly credentials: Credentials;
  /** Between two looks at which dialers there are; 5 s by default. */
  readonly refreshMs?: number;
}

const HEALTH_ROUTE = '/healthz';

/**
 * Bull Board for the people who run the system, behind HTTP basic authentication. Everything but `/healthz` asks for it, paths that
 * do not exist included. It begins to look for dialers when it listens, and gives all that back in its `close`.
 *
 * @throws RangeError for credentials that nobody should be let in with
 */
export async function buildDashboard(deps: DashboardDependencies): Promise<FastifyInstance> {
  const { database, redis, refreshMs = 5_000 } = deps;
  const isRight = credentialsCheck(deps.credentials);
  const logger: FastifyBaseLogger = deps.logger;
  // An open board polls every few seconds; what is worth a line is logged below.
  const logController = new LogController({ disableRequestLogging: true });
  const app = fastify({ loggerInstance: logger, logController, forceCloseConnections: true });
  const board = createBoard();

  await app.register(basicAuth, {
    authenticate: { realm: 'Live Feed' },
    async validate(user, password) {
      if (!isRight({ user, password })) return new Error('Wrong user or password.');
    },
  });
  app.addHook('onRequest', (request, reply, done) => {
    if (request.routeOptions.url === HEALTH_ROUTE) done();
    else app.basicAuth(request, reply, done);
  });
  app.addHook('onResponse', async (request, reply) => {
    if (isReading(request.method)) return;
    const { method, url } = request;
    logger.info({ method, url, status: reply.statusCode }, 'a change was asked for');
  });
  app.addHook('onError', async (request, _reply, error) => {
    if ((error.statusCode ?? 500) >= 500) logger.error({ err: error, url: request.url }, 'a page failed');
  });

  app.get(HEALTH_ROUTE, async () => ({ status: 'ok' }));
  await app.register(board.plugin);
  app.setNotFoundHandler((request, reply) =>
    isReading(request.method)
      ? reply.code(404).send({ error: 'There is nothing here.' })
      : // In Bull Board's own words, so that its pages can show it.
        reply.code(403).send({ error: { key: 'ERRORS.FORBIDDEN' } }),
  );

  let follower: DialerFollower | undefined;
  app.addHook('onReady', async () => {
    follower = followDialers({
      listDialers: () => listDialerNames(database),
      onAppeared: showQueue,
      everyMs: refreshMs,
      onError,
    });
  });
  app.addHook('onClose', async () => follower?.close());

  async function showQueue(dialer: DialerName): Promise<() => Promise<void>> {
    const queue = await openInspectedQueue(redis, dialer.dialerId, onError);
    const hide = board.show(dialer, queue);
    return async () => {
      hide();
      await queue.close();
    };
  }

  function onError(err: unknown): void {
    logger.warn({ err }, 'the queues could not be looked for');
  }

  return app;
}
