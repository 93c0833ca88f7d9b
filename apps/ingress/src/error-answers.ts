import type { Logger } from '@live-feed/runtime/logger';
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { hasZodFastifySchemaValidationErrors } from 'fastify-type-provider-zod';
import { ApiError, type Issue } from './api-error.ts';
import { BODY_LIMIT } from './http-limits.ts';

/** Every error leaves in the one shape, whoever raised it. */
export function answerErrors(app: FastifyInstance, logger: Logger): void {
  app.setErrorHandler((error: FastifyError | ApiError | Error, request, reply) => {
    const answer = error instanceof ApiError ? error : translate(error);
    if (answer.code === 'INTERNAL') {
      logger.error({ err: error, requestId: request.id, leadId: request.leadId }, 'a request failed');
    }
    return sendError(reply, request, answer);
  });
  app.setNotFoundHandler((request, reply) =>
    sendError(
      reply,
      request,
      new ApiError('NOT_FOUND', 'There is nothing at this path. Leads are taken at POST /live-feed/ringcx.'),
    ),
  );
}

export function sendError(reply: FastifyReply, request: FastifyRequest, answer: ApiError): FastifyReply {
  const { headers, leadId } = answer.details;
  if (leadId !== undefined) reply.header('x-lead-id', leadId);
  request.errorCode = answer.code;
  return reply
    .code(answer.status)
    .headers(headers ?? {})
    .type('application/json; charset=utf-8')
    .send(answer.bodyFor(request.id));
}

/** What Fastify itself found wrong with a request. */
function translate(error: Error & { code?: string; statusCode?: number }): ApiError {
  if (hasZodFastifySchemaValidationErrors(error)) {
    const issues = error.validation.map(
      ({ instancePath, message }): Issue => ({
        path: instancePath.split('/').filter(Boolean).join('.'),
        message: message ?? 'Invalid input',
      }),
    );
    const [first] = issues;
    const where = first === undefined ? '' : `: ${first.path === '' ? 'body' : first.path}: ${first.message}`;
    return new ApiError('VALIDATION_FAILED', `The request is not valid${where}.`, { issues });
  }
  switch (error.code) {
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
      return new ApiError('UNSUPPORTED_MEDIA_TYPE', 'Send the request as "Content-Type: application/json".');
    case 'FST_ERR_CTP_BODY_TOO_LARGE':
      return new ApiError(
        'BODY_TOO_LARGE',
        `The request body is too large. Send at most ${BODY_LIMIT} bytes.`,
      );
    case 'FST_ERR_CTP_EMPTY_JSON_BODY':
    case 'FST_ERR_CTP_INVALID_JSON_BODY':
      return malformedJson();
  }
  if (error instanceof SyntaxError && error.statusCode === 400) return malformedJson();
  if (error.statusCode !== undefined && error.statusCode >= 400 && error.statusCode < 500) {
    return new ApiError('MALFORMED_REQUEST', `The request is not well-formed: ${error.message}.`);
  }
  return new ApiError(
    'INTERNAL',
    'Something went wrong on our side. Quote the requestId to support.',
    {},
    error,
  );
}

function malformedJson(): ApiError {
  return new ApiError('MALFORMED_JSON', 'The request body is not JSON. Send one JSON object.');
}
