import type { Logger } from '@live-feed/runtime/logging/logger';
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { ApiError } from '../answers/api-error.ts';
import { BODY_LIMIT } from './http-limits.ts';

/** Fastify's error handler: every error leaves in the same shape. */
export function createErrorAnswers(logger: Logger) {
  return (error: FastifyError | ApiError | Error, request: FastifyRequest, reply: FastifyReply) => {
    const answer = error instanceof ApiError ? error : translate(error, request);
    const context = { err: error, requestId: request.id, leadId: request.leadId };
    if (answer.code === 'INTERNAL') logger.error(context, 'a request failed');
    else if (answer.cause !== undefined) logger.warn(context, 'a request was refused because of a fault');
    // Fastify would hang up on a client that is still sending its body and so might never read the answer. Without the header Node discards
    // the rest of the body, for as long as a request may take to arrive. Removing a header that is not set would keep Node from setting its own.
    if (reply.hasHeader('connection')) reply.removeHeader('connection');
    return sendError(reply, request, answer);
  };
}

export function sendError(reply: FastifyReply, request: FastifyRequest, answer: ApiError): FastifyReply {
  const { leadId } = answer.details;
  request.errorCode = answer.code;
  request.errorMessage = answer.message;
  return reply
    .code(answer.status)
    .header('x-request-id', request.id)
    .headers(leadId === undefined ? {} : { 'x-lead-id': leadId })
    .headers({ ...answer.headers })
    .type('application/json; charset=utf-8')
    .send(answer.bodyFor(request.id, request.dryRun));
}

/** Errors that Fastify found. */
function translate(
  error: Error & { code?: string; statusCode?: number },
  { leadId, routeOptions }: FastifyRequest,
): ApiError {
  switch (error.code) {
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
      return new ApiError('UNSUPPORTED_MEDIA_TYPE', { about: 'another' });
    case 'FST_ERR_CTP_BODY_TOO_LARGE':
      return new ApiError('BODY_TOO_LARGE', { about: routeOptions.bodyLimit ?? BODY_LIMIT });
  }
  if (error.statusCode !== undefined && error.statusCode >= 400 && error.statusCode < 500) {
    return new ApiError('MALFORMED_REQUEST', { about: error.message });
  }
  return new ApiError('INTERNAL', leadId === null ? {} : { leadId }, error);
}
