import type { FastifyReply } from 'fastify';

/** In Bull Board's own words, so that its pages can show it. */
export function forbidden(reply: FastifyReply): FastifyReply {
  return reply.code(403).send({ error: { key: 'ERRORS.FORBIDDEN' } });
}
