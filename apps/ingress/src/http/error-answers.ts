import type { Logger } from '@live-feed/runtime/logger';
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { hasZodFastifySchemaValidationErrors } from 'fastify-type-provider-zod';
import { ApiError, type Issue } from './api-error.ts';
import { BODY_LIMIT } from './http-limits.ts';

/** For Fastify's error handler: every error leaves in the one shape, whoever raised it. */
export function createErrorAnswers(logger: Logger) {
  return (error: FastifyError | ApiError | Error, request: FastifyRequest, reply: FastifyReply) => {
    const answer = error instanceof ApiError ? error : translate(error, request.leadId);
    const context = { err: error, requestId: request.id, leadId: request.leadId };
    if (answer.code === 'INTERNAL') logger.error(context, 'a request failed');
    else if (answer.cause !== undefined) logger.warn(context, 'a request was refused because of a fault');
    // Fastify would hang up on a client that still sends its body, which may then never get to read the answer. Node throws away what
    // comes, for as long as a request may take to arrive. What Node itself has to say of the connection it says only if nothing was removed.
    if (reply.hasHeader('connection')) reply.removeHeader('connection');
    return sendError(reply, request, answer);
  };
}

export function sendError(reply: FastifyReply, request: FastifyRequest, answer: ApiError): FastifyReply {
  const { leadId } = answer.details;
  request.errorCode = answer.code;
  return reply
    .code(answer.status)
    .header('x-request-id', request.id)
    .headers(leadId === undefined ? {} : { 'x-lead-id': leadId })
    .headers({ ...answer.headers })
    .type('application/json; charset=utf-8')
    .send(answer.bodyFor(request.id));
}

/** What Fastify itself found wrong with a request. */
function translate(error: Error & { code?: string; statusCode?: number }, leadId: string | null): ApiError {
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
  }
  if (error.statusCode !== undefined && error.statusCode >= 400 && error.statusCode < 500) {
    return new ApiError('MALFORMED_REQUEST', `The request is not well-formed: ${error.message}.`);
  }
  return new ApiError(
    'INTERNAL',
    'Something went wrong on our side. Quote the requestId to support before you submit the lead again.',
    leadId === null ? {} : { leadId },
    error,
  );
}
