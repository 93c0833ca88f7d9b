import type { FastifyReply } from 'fastify';

/** Responds 403 in Bull Board's format, so that its pages show it. @param message says why, and what to do */
export function forbidden(reply: FastifyReply, message: string): FastifyReply {
  return reply.code(403).send({ error: { key: 'ERRORS.FORBIDDEN' }, message });
}
