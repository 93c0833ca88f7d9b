import type { Context, Operation } from '@live-feed/operations/operation';
import { perform } from '@live-feed/operations/perform';
import type { Resources } from '@live-feed/operations/resources';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { z } from 'zod';
import { clientAddress } from '../sign-in/client-address.ts';

declare module 'fastify' {
  interface FastifyRequest {
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
  }
}

/** Adds `request.perform`. */
export function performAsPerson(app: FastifyInstance, resources: Resources): void {
  app.decorateRequest('perform', function performAs(this: FastifyRequest, operation, input, progress) {
    const { signedIn } = this;
    if (signedIn === null) throw new Error('Nobody is signed in: the route has to ask for a person.');
    const { personId, name, role, companyId } = signedIn;
    const from = clientAddress(this);
    const actor = { id: personId, name, via: 'console', from, role, companyId } as const;
    return perform({ actor, resources, signal: goneSignal(this), progress }, operation, input);
  });
}

const signals = new WeakMap<FastifyRequest, AbortSignal>();

/** Aborted when the response has ended, or nobody is there any more to read it. */
function goneSignal(request: FastifyRequest): AbortSignal {
  const known = signals.get(request);
  if (known !== undefined) return known;
  const gone = new AbortController();
  request.raw.socket?.once('close', () => gone.abort());
  signals.set(request, gone.signal);
  return gone.signal;
}
