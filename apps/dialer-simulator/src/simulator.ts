/**
 * Stands in for both dialing systems over HTTP:
 *
 * - RingCX under `/voice/api` (current hosts) and `/api` (legacy hosts),
 * - signing in to RingCX with a JWT credential under `/restapi/oauth/token` and `/api/auth`,
 * - NewBridge under `/newbridge/api`; we assume that it has RingCX's wire format,
 * - its own API under `/simulator`.
 */
import fastify, { type FastifyInstance } from 'fastify';
import { createCampaignStore } from './account/campaign-store.ts';
import { registerLeadActionsRoute } from './account/lead-actions-route.ts';
import { registerListingRoutes } from './account/listing-routes.ts';
import type { DialingSystem, Mount } from './api/dialing-system.ts';
import { errorAnswer } from './api/error-answer.ts';
import { createLeadStore } from './api/lead-store.ts';
import { registerReadBackRoute } from './api/read-back-route.ts';
import { registerUploadRoute } from './api/upload-route.ts';
import { registerControlRoutes } from './control/control-routes.ts';
import { logRequests } from './control/log-requests.ts';
import { createRequestLog } from './control/request-log.ts';
import { createStatistics } from './control/statistics.ts';
import { createBehaviour } from './faults/behaviour.ts';
import { createPauses } from './faults/pauses.ts';
import { scenarioSchema } from './faults/scenario.ts';
import { acceptForms } from './sign-in/accept-forms.ts';
import { createSessions } from './sign-in/sessions.ts';
import { registerSignInRoutes } from './sign-in/sign-in-routes.ts';

export interface SimulatorOptions {
  /** Milliseconds since the epoch; the system's clock by default. */
  readonly clock?: () => number;
  /** Uniform in [0, 1), for probabilities and jitter; seed it to repeat a run. */
  readonly random?: () => number;
  /** Waits for a `delay`: true after `ms`, false if the simulator closes meanwhile. A timer by default. */
  readonly pause?: (ms: number) => Promise<boolean>;
  /** Logs to standard error. */
  readonly logger?: boolean;
  /** Enforce the rate windows unless a scenario says otherwise; off by default. */
  readonly enforceLimits?: boolean;
  /** The only accepted API tokens. By default every token of the family's shape is accepted. */
  readonly tokens?: readonly string[];
  /** The header that carries a NewBridge token. NewBridge publishes none; the default is RingCX's. */
  readonly newBridgeAuthHeader?: string;
  /** Maximum number of leads; above it each new one replaces the oldest. 1,000,000 by default. */
  readonly maxLeads?: number;
  /** Requests kept for inspection; 200 by default. */
  readonly maxRequests?: number;
}

const RINGCX_AUTH_HEADER = 'x-auth-token';
const CONTROL_PREFIX = '/simulator';
/** Enough for an upload of 10,000 leads; neither dialing system publishes a limit. */
const MAX_BODY_BYTES = 16 * 1024 * 1024;

/** Builds the simulator. `listen` starts it; `close` stops it and ends all pauses. */
export function buildSimulator(options: SimulatorOptions = {}): FastifyInstance {
  const clock = options.clock ?? Date.now;
  const newBridgeAuthHeader = (options.newBridgeAuthHeader ?? RINGCX_AUTH_HEADER).toLowerCase();
  const secretHeaders = new Set([RINGCX_AUTH_HEADER, newBridgeAuthHeader, 'authorization', 'cookie']);
  const defaults = { enforceLimits: options.enforceLimits ?? false, random: options.random ?? Math.random };
  const pauses = createPauses();
  let behaviour = createBehaviour(scenarioSchema.parse({}), defaults);

  const system: DialingSystem = {
    clock,
    store: createLeadStore(options.maxLeads ?? 1_000_000),
    campaigns: createCampaignStore(),
    sessions: createSessions(clock),
    statistics: createStatistics(),
    requests: createRequestLog(options.maxRequests ?? 200, secretHeaders),
    pause: options.pause ?? pauses.pause,
    behaviour: () => behaviour,
    behave: (scenario) => {
      behaviour = createBehaviour(scenario, defaults);
    },
    tokens: options.tokens,
  };

  const app = fastify({
    logger: options.logger ? { stream: process.stderr } : false,
    bodyLimit: MAX_BODY_BYTES,
    // Plugins only register routes. On a busy machine that may take longer than Fastify's limit of 10 s, and must not fail.
    pluginTimeout: 0,
    // A request that hangs on purpose must not prevent the simulator from closing.
    forceCloseConnections: true,
  });
  app.addHook('preClose', async () => pauses.close());

  logRequests(app, system.requests, CONTROL_PREFIX, clock);
  acceptForms(app, system.requests);
  app.setErrorHandler((error: Error & { statusCode?: number }, _request, reply) => {
    const status = error.statusCode ?? 500;
    return reply.code(status).send(errorAnswer(error, status, clock()));
  });
  app.setNotFoundHandler((request, reply) => {
    system.statistics.requestedUnknownPath();
    const error = new Error(`There is nothing at ${request.method} ${request.url}`);
    return reply.code(404).send(errorAnswer(error, 404, clock()));
  });

  const mounts: readonly Mount[] = [
    { family: 'ringcx', prefix: '/voice/api', authHeader: RINGCX_AUTH_HEADER },
    { family: 'ringcx', prefix: '/api', authHeader: RINGCX_AUTH_HEADER },
    { family: 'newbridge', prefix: '/newbridge/api', authHeader: newBridgeAuthHeader },
  ];
  for (const mount of mounts) {
    app.register(
      async (scope) => {
        registerUploadRoute(scope, system, mount);
        registerReadBackRoute(scope, system, mount);
        // NewBridge publishes nothing of the kind.
        if (mount.family === 'newbridge') return;
        registerListingRoutes(scope, system, mount);
        registerLeadActionsRoute(scope, system, mount);
      },
      { prefix: mount.prefix },
    );
  }
  app.register(async (scope) => registerSignInRoutes(scope, system));
  app.register((scope) => registerControlRoutes(scope, system), { prefix: CONTROL_PREFIX });
  return app;
}
