import type { FastifyInstance } from 'fastify';
import { z } from 'zod';

const NEEDS = ['database', 'queue', 'stopping'] as const;
/** What keeps a process from taking leads, each with the reason, for people. */
export type Shortcomings = Partial<Record<(typeof NEEDS)[number], string>>;

const aliveAnswers = {
  200: z.object({ status: z.literal('ok') }).describe('The process responds.'),
};

const readyAnswers = {
  200: z.object({ status: z.literal('ready') }).describe('It can take leads.'),
  503: z
    .object({
      status: z.literal('not ready'),
      missing: z.array(z.enum(NEEDS)).min(1),
      why: z.partialRecord(z.enum(NEEDS), z.string()).describe('The reason for each, for people.'),
    })
    .describe('It cannot take leads; `missing` and `why` say what it lacks.'),
};

/**
 * `/healthz`: the process responds. `/readyz`: it can take leads; 503 names what is missing.
 *
 * @param missing what keeps this process from taking leads now
 */
export function healthRoutes(app: FastifyInstance, missing: () => Shortcomings): void {
  const tags = ['Operations'];
  app.get(
    '/healthz',
    {
      schema: { operationId: 'isAlive', summary: 'Does the process respond?', tags, response: aliveAnswers },
    },
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
