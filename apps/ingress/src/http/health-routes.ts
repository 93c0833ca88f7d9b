import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { Operation } from '../openapi/operation.ts';

const NEEDS = ['database', 'queue', 'stopping'] as const;
/** What keeps a process from taking leads, each with the reason, for people. */
export type Shortcomings = Partial<Record<(typeof NEEDS)[number], string>>;

const aliveSchema = z
  .object({ status: z.literal('ok') })
  .meta({ id: 'Alive', description: 'The process responds.' });

const readySchema = z
  .object({ status: z.literal('ready') })
  .meta({ id: 'Ready', description: 'It can take leads.' });

const notReadySchema = z
  .object({
    status: z.literal('not ready'),
    missing: z.array(z.enum(NEEDS)).min(1),
    why: z.partialRecord(z.enum(NEEDS), z.string()).describe('The reason for each, for people.'),
  })
  .meta({ id: 'NotReady', description: 'It cannot take leads; `missing` and `why` say what it lacks.' });

const IS_ALIVE: Operation = {
  operationId: 'isAlive',
  tag: 'Health',
  summary: 'Does the process respond?',
  description: 'For whoever starts it again if it does not.',
  open: true,
  answers: { 200: { schema: aliveSchema, example: { status: 'ok' } } },
  errors: ['health'],
};

const IS_READY: Operation = {
  operationId: 'isReady',
  tag: 'Health',
  summary: 'Can it take leads?',
  description: 'For load balancers.',
  open: true,
  answers: {
    200: { schema: readySchema, example: { status: 'ready' } },
    503: {
      schema: notReadySchema,
      example: {
        status: 'not ready',
        missing: ['database'],
        why: { database: 'The database did not respond in time.' },
      },
    },
  },
  errors: ['health'],
};

/**
 * `/healthz`: the process responds. `/readyz`: it can take leads; 503 names what is missing.
 *
 * @param missing what keeps this process from taking leads now
 */
export function healthRoutes(app: FastifyInstance, missing: () => Shortcomings): void {
  app.get('/healthz', { config: { document: IS_ALIVE } }, async (_request, reply) =>
    reply.send({ status: 'ok' }),
  );
  app.get('/readyz', { config: { document: IS_READY } }, async (_request, reply) => {
    const why = missing();
    const absent = Object.keys(why);
    return absent.length === 0
      ? reply.send({ status: 'ready' })
      : reply.code(503).send({ status: 'not ready', missing: absent, why });
  });
}
