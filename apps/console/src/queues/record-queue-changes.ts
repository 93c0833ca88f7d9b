import type { Database } from '@live-feed/database/connection/client';
import { recordChange } from '@live-feed/operations/record-change';
import type { FastifyInstance } from 'fastify';
import { isReading } from '../sign-in/access.ts';
import { actorOf } from '../sign-in/actor-of.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Of a change of a queue that is recorded: records how it ended. */
    endRecord: Awaited<ReturnType<typeof recordChange>>['end'] | null;
  }
}

/** What Bull Board changes is in the audit log, as what operations change is: `queue.pause` and its like. */
export function recordQueueChanges(app: FastifyInstance, database: Database): void {
  app.decorateRequest('endRecord', null);
  app.addHook('preHandler', async (request, reply) => {
    if (isReading(request.method)) return;
    // The audit log cannot keep it, and nothing has such a name.
    if (Object.values(request.params as object).some((name) => String(name).includes('\0')))
      return reply.code(404).send({ message: 'There is no such queue.' });
    const verb = /\/(pause|resume|promote|retry)(?:\/:queueStatus)?$/.exec(request.routeOptions.url ?? '');
    const { end } = await recordChange(database, actorOf(request), {
      operation: `queue.${verb?.[1] ?? 'change'}`,
      input: request.params,
    });
    request.endRecord = end;
    return undefined;
  });
  app.addHook('onResponse', async ({ endRecord, params }, { statusCode }) => {
    const { queueName } = params as { readonly queueName?: string };
    const target = queueName === undefined ? 'all queues' : `queue ${queueName}`;
    const outcome = statusCode < 400 ? 'done' : statusCode < 500 ? 'refused' : 'failed';
    await endRecord?.({ outcome, message: outcome === 'done' ? null : `HTTP ${statusCode}`, target });
  });
}
