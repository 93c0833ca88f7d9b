import type { Context, Operation } from '@live-feed/operations/operation';
import { perform } from '@live-feed/operations/perform';
import type { Resources } from '@live-feed/operations/resources';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { z } from 'zod';
import { actorOf } from '../sign-in/actor-of.ts';
import type { BackgroundChanges } from './background-changes.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Aborted when the response has ended, or nobody is there any more to read it. */
    gone: AbortSignal | null;
    /**
     * Carries out an operation as the person who is signed in. When the browser has gone, work in batches stops.
     *
     * @throws as `perform` does; a refusal becomes a page, or a message on the page that the form was on
     */
    perform<I extends z.ZodType<object>, Output>(
      operation: Operation<I, Output>,
      input: z.input<I>,
      progress?: Context['progress'],
    ): Promise<Output>;
    /**
     * As `perform`, but it goes on when the browser has gone.
     *
     * @returns the id of its entry in the audit log, once it has begun
     */
    performInBackground<I extends z.ZodType<object>, Output>(
      operation: Operation<I, Output>,
      input: z.input<I>,
    ): Promise<string>;
  }
}

/** Adds `request.perform` and `request.performInBackground`. */
export function performAsPerson(
  app: FastifyInstance,
  resources: Resources,
  background: BackgroundChanges,
): void {
  app.decorateRequest('gone', null);
  app.addHook('onRequest', async (request, reply) => {
    const gone = new AbortController();
    reply.raw.once('close', () => gone.abort());
    request.gone = gone.signal;
  });
  app.decorateRequest('perform', function performAs(this: FastifyRequest, operation, input, progress) {
    const session = { actor: actorOf(this), resources, signal: this.gone ?? undefined, progress };
    return perform(session, operation, input);
  });
  app.decorateRequest(
    'performInBackground',
    function performInBackground(this: FastifyRequest, operation, input) {
      const actor = actorOf(this);
      return background.start((running) => perform({ actor, resources, ...running }, operation, input));
    },
  );
}
