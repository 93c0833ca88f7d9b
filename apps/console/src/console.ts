import type { Database } from '@live-feed/database/connection/client';
import { type DialerName, listDialerNames } from '@live-feed/database/directory/dialer-names';
import { openInspectedQueue } from '@live-feed/queue/jobs/inspected-queue';
import { dialerAddress } from '@live-feed/queue/limits/dialer-address';
import { createDialerHealth } from '@live-feed/queue/limits/dialer-health';
import type { Redis } from '@live-feed/queue/redis/redis';
import type { Logger } from '@live-feed/runtime/logging/logger';
import fastify, { type FastifyBaseLogger, type FastifyInstance, LogController } from 'fastify';
import { basePathOf, withoutBasePath } from './base-path.ts';
import type { ConsoleMetrics } from './console-metrics.ts';
import { createBoard } from './queues/board.ts';
import { type DialerFollower, followDialers } from './queues/dialer-follower.ts';
import { createDialerStandings } from './queues/dialer-standings.ts';
import { describeStanding } from './queues/held-description.ts';
import type { Account } from './sign-in/accounts.ts';
import { admitPeople } from './sign-in/admit-people.ts';
import { clientAddress, trustOf } from './sign-in/client-address.ts';
import { isReading } from './sign-in/permitted-routes.ts';
import { forbidden } from './sign-in/refusals.ts';
import { ownOrigins } from './sign-in/request-origin.ts';
import { SECURITY_HEADERS } from './sign-in/security-headers.ts';
import { createSignInLimit, type SignInLimitOptions } from './sign-in/sign-in-limit.ts';

export interface ConsoleDependencies {
  /** Owned by the caller. */
  readonly database: Database;
  /** Connected for the role `requests`, so that a page fails rather than hangs; owned by the caller. */
  readonly redis: Redis;
  readonly logger: Logger;
  readonly metrics: ConsoleMetrics;
  readonly accounts: readonly Account[];
  /** Addresses of proxies whose `X-Forwarded-For` is trusted; none by default. */
  readonly trustedProxies?: readonly string[];
  /** The address in the browser, if a proxy serves the console under another name or path. */
  readonly publicUrl?: string;
  /** How long an idle connection stays open. */
  readonly keepAliveMs?: number;
  readonly signInLimit?: Partial<SignInLimitOptions>;
  /** How often the dialers are listed; 5 s by default. */
  readonly refreshMs?: number;
  /** Maximum age of the dialers' states that the board shows; 3 s by default. */
  readonly standingMaxAgeMs?: number;
}

/** Longer than the usual 60 s of load balancers, so that the balancer closes idle connections first. */
const KEEP_ALIVE_MS = 65_000;

/** The only route that shows the dialers' states; an open board polls it. */
const QUEUES_ROUTE = '/api/queues';

/**
 * Bull Board for operators, behind HTTP basic authentication. Every path except `/healthz` requires it, also paths that do not exist.
 * It starts to follow the dialers when it listens, and closes everything it opened in its `close`.
 */
export async function buildConsole(deps: ConsoleDependencies): Promise<FastifyInstance> {
  const { database, redis, metrics, refreshMs = 5_000, standingMaxAgeMs = 3_000 } = deps;
  const logger: FastifyBaseLogger = deps.logger;
  const isTrusted = trustOf(deps.trustedProxies ?? []);
  const basePath = basePathOf(deps.publicUrl);
  const app = fastify({
    loggerInstance: logger,
    // Plugins only register routes. On a busy machine that may take longer than Fastify's limit of 10 s, and must not fail.
    pluginTimeout: 0,
    // An open board polls every few seconds; only changes and errors are logged, below.
    logController: new LogController({ disableRequestLogging: true }),
    forceCloseConnections: true,
    trustProxy: deps.trustedProxies === undefined ? false : isTrusted,
    keepAliveTimeout: deps.keepAliveMs ?? KEEP_ALIVE_MS,
    rewriteUrl: (request) => withoutBasePath(request.url ?? '/', basePath),
  });

  app.addHook('onRequest', async (_request, reply) => {
    reply.headers(SECURITY_HEADERS);
  });
  await admitPeople(app, {
    accounts: deps.accounts,
    limit: createSignInLimit(deps.signInLimit),
    logger: deps.logger,
    metrics,
    openRoute: '/healthz',
    origins: ownOrigins(deps.publicUrl, isTrusted),
  });
  app.addHook('onResponse', async (request, reply) => {
    metrics.answered(reply.statusCode);
    if (isReading(request.method)) return;
    const { method, url, signedIn } = request;
    const ip = clientAddress(request);
    const who = { user: signedIn?.user ?? null, role: signedIn?.role ?? null, ip };
    logger.info({ ...who, method, url, status: reply.statusCode }, 'a change was requested');
  });
  app.addHook('onError', async (request, _reply, error) => {
    if ((error.statusCode ?? 500) >= 500) logger.error({ err: error, url: request.url }, 'a page failed');
  });

  const standings = createDialerStandings({
    health: createDialerHealth(redis),
    maxAgeMs: standingMaxAgeMs,
    limitMs: 2_000,
    onError: (err) => logger.warn({ err }, 'the state of the dialers could not be read'),
  });
  app.addHook('preHandler', async (request) => {
    if (request.routeOptions.url === QUEUES_ROUTE) await standings.refresh();
  });

  app.get('/healthz', async () => ({ status: 'ok' }));
  const board = createBoard(basePath);
  await app.register(board.plugin);
  app.setNotFoundHandler((request, reply) =>
    isReading(request.method)
      ? reply.code(404).send({ error: 'There is nothing here.' })
      : forbidden(reply, 'There is nothing here that can be changed.'),
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
  app.addHook('onClose', async () => {
    await follower?.close();
    await standings.close();
  });

  async function showQueue(dialer: DialerName): Promise<() => Promise<void>> {
    const { dialerId: id, ...rest } = dialer;
    const queue = await openInspectedQueue(redis, id, onError);
    const watched = standings.watch(dialerAddress({ id, ...rest }));
    const hide = board.show(dialer, queue, () => {
      const standing = watched.standing();
      return standing === undefined ? '' : describeStanding(standing);
    });
    return async () => {
      hide();
      watched.drop();
      await queue.close();
    };
  }

  function onError(err: unknown): void {
    logger.warn({ err }, 'the dialers or their queues could not be read');
  }

  return app;
}
