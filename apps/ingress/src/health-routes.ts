import type { FastifyInstance } from 'fastify';

/**
 * `/healthz`: the process answers. `/readyz`: it can take leads; 503 names what is missing.
 *
 * @param missing what keeps this process from taking leads now
 */
export function healthRoutes(app: FastifyInstance, missing: () => string[]): void {
  const schema = { hide: true };
  app.get('/healthz', { schema }, async (_request, reply) => reply.send({ status: 'ok' }));
  app.get('/readyz', { schema }, async (_request, reply) => {
    const absent = missing();
    return absent.length === 0
      ? reply.send({ status: 'ready' })
      : reply.code(503).send({ status: 'not ready', missing: absent });
  });
}
