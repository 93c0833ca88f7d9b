import type { Clock } from '@live-feed/core/clock';
import type { KeyRecord } from '@live-feed/database/lookups';
import { isReady, type Redis } from '@live-feed/queue/redis';
import Fastify, { type FastifyInstance, type FastifyRequest } from 'fastify';
import { validatorCompiler } from 'fastify-type-provider-zod';
import { documentApi } from './api-document.ts';
import { ApiError, type ApiErrorCode } from './api-error.ts';
import { authenticate } from './authenticate.ts';
import { answerErrors } from './error-answers.ts';
import { healthRoutes } from './health-routes.ts';
import { answerParserError, httpLimits } from './http-limits.ts';
import { leadRoutes } from './lead-routes.ts';
import { requestIdFor } from './request-id.ts';
import type { SubmissionTools } from './submit-lead.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Whose request it is; set on routes that ask for a key. */
    apiKey: KeyRecord | null;
    /** The lead it is about, once there is one. */
    leadId: string | null;
    /** What it was refused with. */
    errorCode: ApiErrorCode | null;
  }
}

export interface IngressDependencies extends SubmissionTools {
  /** Connected for the role `requests`. */
  readonly redis: Redis;
  readonly clock: Clock;
  /** True once the process is to stop: it takes nothing new. */
  readonly stopping: () => boolean;
}

/** The HTTP API. Listens to nothing by itself; dependencies stay their owner's to close. */
export async function buildIngress(dependencies: IngressDependencies): Promise<FastifyInstance> {
  const { redis, pulse, directory, clock, stopping, logger } = dependencies;
  const app = Fastify({
    ...httpLimits,
    genReqId: requestIdFor,
    clientErrorHandler: answerParserError,
    onProtoPoisoning: 'remove',
    onConstructorPoisoning: 'remove',
  });
  app.setValidatorCompiler(validatorCompiler);
  // Schemas of answers are for the document and the tests: leads' answers are text already, so that the dialer's stays as it is.
  app.setSerializerCompiler(() => (data) => JSON.stringify(data));
  app.removeContentTypeParser('text/plain');
  app.decorateRequest('apiKey', null);
  app.decorateRequest('leadId', null);
  app.decorateRequest('errorCode', null);
  answerErrors(app, logger);

  app.addHook('onRequest', async (request, reply) => {
    reply.header('x-request-id', request.id);
  });
  app.addHook('onResponse', async (request, reply) => {
    logger.info(
      {
        requestId: request.id,
        method: request.method,
        route: request.routeOptions.url ?? null,
        status: reply.statusCode,
        code: request.errorCode,
        companyId: request.apiKey?.companyId ?? null,
        leadId: request.leadId,
        durationMs: Math.round(reply.elapsedTime),
      },
      'request answered',
    );
  });

  function missing(): string[] {
    return [
      ...(pulse.alive() ? [] : ['database']),
      ...(isReady(redis) ? [] : ['queue']),
      ...(stopping() ? ['stopping'] : []),
    ];
  }

  async function requireKey(request: FastifyRequest): Promise<void> {
    if (!pulse.alive()) {
      throw new ApiError('DATABASE_UNAVAILABLE', 'The database is away; nothing was taken. Try again later.');
    }
    request.apiKey = await authenticate(directory, clock, request.headers.authorization);
  }

  await documentApi(app);
  healthRoutes(app, missing);
  leadRoutes(app, dependencies, requireKey);
  return app;
}
