import type { Clock } from '@live-feed/core/clock';
import type { Database } from '@live-feed/database/connection/client';
import type { KeyRecord } from '@live-feed/database/directory/lookups';
import Fastify, { type FastifyInstance, type FastifyRequest } from 'fastify';
import { authenticate, isForTests } from './admission/authenticate.ts';
import { shedLoad } from './admission/shed-load.ts';
import type { ApiErrorCode } from './answers/api-error.ts';
import { validatorCompiler } from './answers/validation.ts';
import { assignmentRoutes } from './assignment/assignment-routes.ts';
import { batchRoutes } from './batch/batch-routes.ts';
import type { Asked } from './body/asked-in.ts';
import { readForms } from './body/form-body.ts';
import { dncRoutes } from './dnc/dnc-routes.ts';
import { createDryRuns } from './dry-run/dry-runs.ts';
import type { WorkerErrands } from './errands/worker-errands.ts';
import { boundConnections } from './http/bound-connections.ts';
import { boundPipelining } from './http/bound-pipelining.ts';
import { createBrokenRequests } from './http/broken-requests.ts';
import { checkRequests } from './http/check-requests.ts';
import { createErrorAnswers, sendError } from './http/error-answers.ts';
import { healthRoutes, type Shortcomings } from './http/health-routes.ts';
import { httpLimits } from './http/http-limits.ts';
import { readJsonBodies } from './http/json-body.ts';
import { requestIdFor } from './http/request-id.ts';
import type { IngressMetrics } from './ingress-metrics.ts';
import { documentApi } from './openapi/api-document.ts';
import { docsPage } from './openapi/docs-page.ts';
import type { RefusalRecord } from './refused/refusal-record.ts';
import { noteRefused, refusedOfBatch } from './refused/refused-leads.ts';
import { statusRoutes } from './status/status-routes.ts';
import { WEBHOOKS } from './status/webhook-document.ts';
import { leadRoutes } from './submit/lead-routes.ts';
import type { SubmissionTools } from './submit/submission-tools.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** The caller's key; set on routes that require one. */
    apiKey: KeyRecord | null;
    /** Whether it is only tried, and changes nothing. */
    dryRun: boolean;
    /** The lead that the request is about, once there is one. */
    leadId: string | null;
    /** Null unless the answer is an error. */
    errorCode: ApiErrorCode | null;
    /** Its words. */
    errorMessage: string | null;
    /** The lead that is asked for, once it is read; its fields have the API's names. */
    leadAsked: Asked | null;
    /** When the lead was ready to be queued, and when its answer was known: milliseconds since the request's arrival. */
    validatedMs: number | null;
    decidedMs: number | null;
  }
}

export interface IngressDependencies extends SubmissionTools {
  readonly errands: WorkerErrands;
  readonly clock: Clock;
  /** Connections for reading only. */
  readonly reading: Database;
  readonly metrics: IngressMetrics;
  readonly refusals: Pick<RefusalRecord, 'note'>;
  /** What keeps this process from taking leads now. */
  readonly missing: () => Shortcomings;
  /** True once the process is stopping. */
  readonly stopping: () => boolean;
  /** Time for a request to arrive, milliseconds. */
  readonly requestTimeoutMs: number;
  readonly keepAliveMs: number;
  /** Mean delay of the event loop from which on leads are refused, milliseconds; 0: never. */
  readonly maxLoopDelayMs: number;
  /** Maximum number of open connections. */
  readonly maxConnections: number;
}

/** Builds the HTTP API. Does not listen by itself, and does not close its dependencies. */
export async function buildIngress(dependencies: IngressDependencies): Promise<FastifyInstance> {
  const {
    directory,
    clock,
    digests,
    metrics,
    missing,
    refusals,
    stopping,
    logger,
    requestTimeoutMs,
    keepAliveMs,
    maxConnections,
  } = dependencies;
  const answerError = createErrorAnswers(logger);
  const brokenRequests = createBrokenRequests(sendError);
  const app = Fastify({
    ...httpLimits(requestTimeoutMs, keepAliveMs),
    // No time-out: on a busy machine registering routes may take longer than Fastify's 10 s, and giving up gains nothing.
    pluginTimeout: 0,
    genReqId: requestIdFor,
    clientErrorHandler: brokenRequests.answer,
    frameworkErrors: answerError,
    // Fastify's own 503 has another shape. `admitLead` refuses leads once the process stops.
    return503OnClosing: false,
  });
  app.setErrorHandler(answerError);
  app.setValidatorCompiler(validatorCompiler);
  app.decorateRequest('apiKey', null);
  app.decorateRequest('dryRun', false);
  app.decorateRequest('leadId', null);
  app.decorateRequest('errorCode', null);
  app.decorateRequest('errorMessage', null);
  app.decorateRequest('leadAsked', null);
  app.decorateRequest('validatedMs', null);
  app.decorateRequest('decidedMs', null);

  app.addHook('onRoute', ({ url }) => metrics.routed(url));
  brokenRequests.follow(app);
  app.addHook('onRequest', async (request, reply) => {
    reply.header('x-request-id', request.id);
  });
  app.addHook('onSend', async (_request, reply) => {
    // A connection that stays open would delay the stop, and its client would come back here instead of to another ingress.
    if (stopping()) reply.header('connection', 'close');
  });
  app.addHook('onResponse', async (request, reply) => {
    metrics.answered({
      route: request.routeOptions.url ?? null,
      status: reply.statusCode,
      code: request.errorCode,
      isDryRun: request.dryRun,
      answeredMs: reply.elapsedTime,
      validatedMs: request.validatedMs,
      decidedMs: request.decidedMs,
    });
    noteRefused(refusals, request, reply.statusCode);
    // The worker logs leads that were taken.
    const level = reply.statusCode < 400 ? 'debug' : 'info';
    logger[level](
      {
        requestId: request.id,
        method: request.method,
        route: request.routeOptions.url ?? null,
        status: reply.statusCode,
        code: request.errorCode,
        dryRun: request.dryRun,
        companyId: request.apiKey?.companyId ?? null,
        leadId: request.leadId,
        durationMs: Math.round(reply.elapsedTime),
      },
      'request answered',
    );
  });
  boundConnections(app, maxConnections, logger);
  boundPipelining(app);
  checkRequests(app);
  readJsonBodies(app);

  async function requireKey(request: FastifyRequest): Promise<void> {
    const key = await authenticate(directory, clock, digests, request.headers.authorization);
    request.apiKey = key;
    if (isForTests(key)) request.dryRun = true;
  }

  documentApi(app, WEBHOOKS);
  await docsPage(app);
  healthRoutes(app, missing);
  // Under load only leads and assignments are refused: operators need health checks and status then, and who must not be called is always taken down.
  await app.register(async (scope) => {
    await shedLoad(scope, dependencies.maxLoopDelayMs);
    const dryRuns = createDryRuns(dependencies);
    await scope.register(async (forms) => {
      readForms(forms);
      leadRoutes(forms, dependencies, requireKey, dryRuns.one);
    });
    batchRoutes(scope, dependencies, requireKey, dryRuns, (result) => {
      metrics.batchLeadAnswered(result);
      refusedOfBatch(refusals, result);
    });
    assignmentRoutes(scope, dependencies, requireKey, metrics.assigned);
  });
  statusRoutes(app, dependencies, requireKey);
  dncRoutes(app, dependencies, requireKey);
  return app;
}
