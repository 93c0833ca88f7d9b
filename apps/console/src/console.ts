import cookies from '@fastify/cookie';
import forms from '@fastify/formbody';
import { OPERATIONS } from '@live-feed/operations/operations';
import { perform } from '@live-feed/operations/perform';
import { personAdd } from '@live-feed/operations/person/people';
import type { Resources } from '@live-feed/operations/resources';
import type { Redis } from '@live-feed/queue/redis/redis';
import type { Logger } from '@live-feed/runtime/logging/logger';
import fastify, {
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyRequest,
  LogController,
} from 'fastify';
import { ADMIN_API_PREFIX, adminApi } from './admin-api/admin-api.ts';
import { serveAssets } from './assets/assets.ts';
import { basePathOf, withoutBasePath } from './base-path.ts';
import type { ConsoleMetrics } from './console-metrics.ts';
import { addPageReplies } from './html/page-reply.ts';
import { createBackgroundChanges } from './operations/background-changes.ts';
import { performAsPerson } from './operations/perform-as-person.ts';
import { addAccountPages } from './pages/account/account-page.ts';
import { addAlerts } from './pages/alerts/alerts-page.ts';
import { addAuditPage } from './pages/audit/audit-page.ts';
import { addCallerIds } from './pages/caller-ids/caller-ids.ts';
import { addCompaniesPage } from './pages/companies/companies-page.ts';
import { addCompanyPage } from './pages/companies/company-page.ts';
import { addCampaignPages } from './pages/dialers/campaign-pages.ts';
import { addDialerPage } from './pages/dialers/dialer-page.ts';
import { addDialerSettings } from './pages/dialers/dialer-settings-page.ts';
import { addDialersPage } from './pages/dialers/dialers-page.ts';
import { explainFailures, toldOf } from './pages/failures.ts';
import { addKeyPage } from './pages/keys/key-page.ts';
import { addKeysPage } from './pages/keys/keys-page.ts';
import { addLeads } from './pages/leads/leads.ts';
import { menuFor } from './pages/menu.ts';
import { addOverview } from './pages/overview/overview-page.ts';
import { addPeoplePages } from './pages/people/people-page.ts';
import { addThemeRoute } from './pages/theme-route.ts';
import { addWebhookPage } from './pages/webhooks/webhook-page.ts';
import { addWebhooksPage } from './pages/webhooks/webhooks-page.ts';
import { createBoard } from './queues/board.ts';
import { type ShownDialers, showDialers } from './queues/shown-dialers.ts';
import { type AccessTable, ANYBODY, isReading, recordAccess } from './sign-in/access.ts';
import { admitPeople } from './sign-in/admit-people.ts';
import { clientAddress, trustOf } from './sign-in/client-address.ts';
import { addFirstPerson, type FirstPerson } from './sign-in/first-person.ts';
import { createGuesses } from './sign-in/guesses.ts';
import type { OidcOptions } from './sign-in/oidc/oidc-options.ts';
import type { OidcSettings } from './sign-in/oidc/oidc-routes.ts';
import { ownOrigins } from './sign-in/request-origin.ts';
import { isOwnMachine, securityHeaders } from './sign-in/security-headers.ts';
import { createSessions, SESSION_LIMITS, type SessionLimits } from './sign-in/sessions.ts';
import { createSignInLimit, type SignInLimitOptions } from './sign-in/sign-in-limit.ts';
import { addSignIn } from './sign-in/sign-in-routes.ts';

declare module 'fastify' {
  interface FastifyInstance {
    /** Who may use which route. */
    readonly accessTable: AccessTable;
  }
}

export interface ConsoleDependencies {
  /** What operations work with; owned by the caller, with its database. */
  readonly resources: Resources;
  /** Connected for the role `requests`, so that a page fails rather than hangs; owned by the caller. */
  readonly redis: Redis;
  readonly logger: Logger;
  readonly metrics: ConsoleMetrics;
  /** Added as an admin if there are no people yet. */
  readonly firstPerson?: FirstPerson | undefined;
  /** Undefined: people sign in with passwords only. Needs `publicUrl`. */
  readonly oidc?: OidcOptions | undefined;
  /** Addresses of proxies whose `X-Forwarded-For` is trusted; none by default. */
  readonly trustedProxies?: readonly string[];
  /** The address in the browser, if a proxy serves the console under another name or path. */
  readonly publicUrl?: string;
  /** How long an idle connection stays open. */
  readonly keepAliveMs?: number;
  readonly signInLimit?: Partial<SignInLimitOptions>;
  readonly sessionLimits?: Partial<SessionLimits>;
  /** How often the dialers are listed, and what a live page shows is read again; 5 s by default. */
  readonly refreshMs?: number;
  /** Maximum age of the dialers' states that are shown; 3 s by default. */
  readonly standingMaxAgeMs?: number;
}

/** Longer than the usual 60 s of load balancers, so that the balancer closes idle connections first. */
const KEEP_ALIVE_MS = 65_000;

/** The only route of Bull Board that shows the dialers' states; an open board polls it. */
const QUEUES_ROUTE = '/queues/api/queues';

/**
 * What the people who run Live Feed look at. Every path except the sign-in, the pages' files and `/healthz` needs a session, also paths
 * that do not exist. It starts to follow the dialers when it listens, and closes everything it opened in its `close`.
 */
export async function buildConsole(deps: ConsoleDependencies): Promise<FastifyInstance> {
  const { resources, redis, logger, metrics, refreshMs = 5_000, standingMaxAgeMs = 3_000 } = deps;
  const { database, keyring, passwords } = resources;
  const isTrusted = trustOf(deps.trustedProxies ?? []);
  const basePath = basePathOf(deps.publicUrl);
  const app = fastify({
    loggerInstance: logger as FastifyBaseLogger,
    // Plugins only register routes. On a busy machine that may take longer than Fastify's limit of 10 s, and must not fail.
    pluginTimeout: 0,
    // An open page polls every few seconds; only changes and errors are logged, below.
    logController: new LogController({ disableRequestLogging: true }),
    forceCloseConnections: true,
    trustProxy: deps.trustedProxies === undefined ? false : isTrusted,
    keepAliveTimeout: deps.keepAliveMs ?? KEEP_ALIVE_MS,
    rewriteUrl: (request) => withoutBasePath(request.url ?? '/', basePath),
  });
  const accessTable = recordAccess(app);
  app.decorate('accessTable', accessTable);
  await app.register(cookies);
  await app.register(forms, { bodyLimit: 64 * 1_024 });
  const isSecure = (request: FastifyRequest) =>
    request.protocol === 'https' || (deps.publicUrl?.startsWith('https:') ?? false);
  app.addHook('onRequest', async (request, reply) => {
    reply.headers(securityHeaders(isSecure(request) || isOwnMachine(request.hostname)));
  });

  const limits = { ...SESSION_LIMITS, ...deps.sessionLimits };
  const sessions = createSessions({ database, limits, basePath, isSecure });
  const origins = ownOrigins(deps.publicUrl, isTrusted);
  admitPeople(app, { sessions, logger, basePath, origins, ofPrograms: ADMIN_API_PREFIX });
  const background = createBackgroundChanges(database, (err) =>
    logger.warn({ err }, 'a change of many leads, or the look for such, failed'),
  );
  app.addHook('onClose', () => background.close());
  performAsPerson(app, resources, background);
  logChanges(app, metrics, logger);

  const assets = serveAssets(app);
  addPageReplies(app, {
    basePath,
    styles: [assets.href('console.css')],
    scripts: [assets.href('htmx.js')],
    isSecure,
    personOf: ({ signedIn }) =>
      signedIn && { ...signedIn, menu: menuFor(signedIn, accessTable), account: 'account' },
  });
  explainFailures(app, basePath);

  const guesses = createGuesses({ limit: createSignInLimit(deps.signInLimit), logger, metrics });
  const beforeSignIn = () => addFirstPerson(deps.firstPerson, { database, passwords, logger });
  addSignIn(app, {
    ...{ database, keyring, sessions, passwords, guesses, logger, basePath, isSecure, beforeSignIn },
    oidc: oidcSettings(deps),
  });

  const board = createBoard(basePath, `${basePath}${assets.href('queues.css')}`, database, toldOf);
  let dialers: ShownDialers | undefined;
  app.addHook('onReady', async () => {
    dialers = showDialers({ database, redis, board, logger, refreshMs, standingMaxAgeMs });
    await beforeSignIn().catch((err) => logger.warn({ err }, 'it is not known yet whether there are people'));
  });
  app.addHook('onClose', () => dialers?.close());
  app.addHook('preHandler', async (request) => {
    if (request.routeOptions.url === QUEUES_ROUTE) await dialers?.refresh();
  });

  app.get('/healthz', { config: { access: ANYBODY } }, async () => ({ status: 'ok' }));
  addOverview(app, {
    ...{ database, assets, pages: accessTable, sessionLimits: limits, everyMs: refreshMs },
    onError: (err) => logger.warn({ err }, 'the overview could not be read again'),
  });
  addAlerts(app);
  addLeads(app);
  addThemeRoute(app);
  addPeoplePages(app);
  addDialersPage(app);
  addDialerPage(app);
  addDialerSettings(app);
  addCampaignPages(app);
  addAuditPage(app);
  addAccountPages(app, { database, passwords, guesses });
  addCompaniesPage(app);
  addCompanyPage(app);
  addKeysPage(app, assets);
  addKeyPage(app, assets);
  addWebhooksPage(app, assets);
  addWebhookPage(app, assets);
  await addCallerIds(app);
  await board.addTo(app);
  await app.register(adminApi, {
    prefix: ADMIN_API_PREFIX,
    ...{ operations: OPERATIONS, resources, logger },
    limit: createSignInLimit(deps.signInLimit),
  });
  return app;
}

function oidcSettings({ oidc, publicUrl, resources }: ConsoleDependencies): OidcSettings | undefined {
  if (oidc === undefined) return undefined;
  if (publicUrl === undefined) throw new RangeError('OpenID Connect needs the address in the browser.');
  const { newRole } = oidc;
  return {
    ...{ ...oidc, publicUrl },
    async addNewcomer(request, name) {
      if (newRole === undefined) return;
      const from = clientAddress(request);
      const actor = {
        id: null,
        name: 'OpenID Connect',
        via: 'console',
        from,
        role: 'admin',
        companyId: null,
      } as const;
      await perform({ actor, resources }, personAdd, { name, role: newRole });
    },
  };
}

/** Every request for a change is logged, whatever came of it. */
function logChanges(app: FastifyInstance, metrics: ConsoleMetrics, logger: Logger): void {
  app.addHook('onResponse', async (request, reply) => {
    metrics.answered(reply.statusCode);
    const { access } = request.routeOptions.config;
    // What comes by key is in the audit log.
    if (isReading(request.method) || access === 'anybody' || access === 'by-key') return;
    const { method, signedIn } = request;
    const ip = clientAddress(request);
    const who = { person: signedIn?.personId ?? null, role: signedIn?.role ?? null, ip };
    logger.info({ ...who, method, url: pathOf(request), status: reply.statusCode }, 'a change was requested');
  });
  app.addHook('onError', async (request, _reply, error) => {
    if (toldOf(error).status >= 500) logger.error({ err: error, url: pathOf(request) }, 'a page failed');
  });
}

/** Without its query, which may have phones and codes of sign-ins. */
function pathOf({ url }: FastifyRequest): string {
  return url.replace(/\?.*$/, '');
}
