import type { FastifyInstance } from 'fastify';
import { aliveAnswers, readyAnswers, type Shortcomings } from '../openapi/answer-schemas.ts';

/**
 * `/healthz`: the process answers. `/readyz`: it can take leads; 503 names what is missing.
 *
 * @param missing what keeps this process from taking leads now
 */
export function healthRoutes(app: FastifyInstance, missing: () => Shortcomings): void {
  const tags = ['Operations'];
  app.get(
    '/healthz',
    { schema: { operationId: 'isAlive', summary: 'Does the process answer?', tags, response: aliveAnswers } },
    async (_request, reply) => reply.send({ status: 'ok' }),
  );
  app.get(
    '/readyz',
    { schema: { operationId: 'isReady', summary: 'Can it take leads?', tags, response: readyAnswers } },
    async (_request, reply) => {
      const why = missing();
      const absent = Object.keys(why);
      return absent.length === 0
        ? reply.send({ status: 'ready' })
        : reply.code(503).send({ status: 'not ready', missing: absent, why });
    },
  );
}
