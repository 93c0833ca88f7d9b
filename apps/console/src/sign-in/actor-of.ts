import type { Actor } from '@live-feed/operations/actor';
import type { FastifyRequest } from 'fastify';
import { clientAddress } from './client-address.ts';

/** Who asks, for operations and the audit log. @throws Error if nobody is signed in: the route has to ask for a person */
export function actorOf(request: FastifyRequest): Actor {
  const { signedIn } = request;
  if (signedIn === null) throw new Error('Nobody is signed in: the route has to ask for a person.');
  const { personId, name, role, companyId } = signedIn;
  return { id: personId, name, via: 'console', from: clientAddress(request), role, companyId };
}
