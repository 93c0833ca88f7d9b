import type { FastifyReply } from 'fastify';

/** In Bull Board's own words, so that its pages can show it. @param message says why, and what to do */
export function forbidden(reply: FastifyReply, message: string): FastifyReply {
  return reply.code(403).send({ error: { key: 'ERRORS.FORBIDDEN' }, message });
}
