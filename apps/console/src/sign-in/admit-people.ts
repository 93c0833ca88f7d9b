import type { Logger } from '@live-feed/runtime/logging/logger';
import type { FastifyInstance } from 'fastify';
import { isReading, mayUse } from './access.ts';
import { clientAddress } from './client-address.ts';
import { forbidden, unknownPerson } from './refusals.ts';
import { isFromElsewhere, type OwnOrigins } from './request-origin.ts';
import type { Sessions, SignedIn } from './sessions.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** The signed-in person, once known. */
    signedIn: SignedIn | null;
  }
}

export interface Admission {
  readonly sessions: Sessions;
  readonly logger: Logger;
  readonly basePath: string;
  /** The console's addresses in the browser, besides the request's own host. */
  readonly origins: OwnOrigins;
  /** What the paths of the admin API begin with: programs sign in there with a key, also where there is no route. */
  readonly ofPrograms: string;
}

/**
 * Checks every request, whatever its path, before anything else: that a change comes from the console's own pages, who is signed in, and
 * that this person may use the route. Only routes for anybody do without a person; a path that does not exist needs one, too.
 */
export function admitPeople(app: FastifyInstance, admission: Admission): void {
  const { sessions, logger, basePath, origins, ofPrograms } = admission;
  const isOfPrograms = (url: string) => url.startsWith(`${ofPrograms}/`);
  app.decorateRequest('signedIn', null);

  app.addHook('onRequest', async (request, reply) => {
    if (isOfPrograms(request.url)) return;
    if (isReading(request.method) || !isFromElsewhere(request.headers, origins.of(request))) return;
    const { origin, host } = request.headers;
    logger.warn(
      { origin, host, ip: clientAddress(request) },
      'a change was refused: it came from another origin',
    );
    return forbidden(
      request,
      reply,
      'The request came from a page of another origin. If this is the console behind a proxy, set CONSOLE_PUBLIC_URL to the address in the browser.',
    );
  });

  app.addHook('onRequest', async (request, reply) => {
    const { access } = request.routeOptions.config;
    const { url } = request.routeOptions;
    if (access === 'by-key' || isOfPrograms(request.url)) return;
    // Assets and the health check read no session.
    if (access === 'anybody' && !url?.startsWith('/sign-in')) return;
    request.signedIn = (await sessions.of(request)) ?? null;
    if (access === 'anybody') return;
    if (request.signedIn === null) return unknownPerson(request, reply, `${basePath}sign-in`);
    if (access === undefined || mayUse(access, request.signedIn)) return;
    return forbidden(request, reply, whyNot(access.role, request.signedIn));
  });
}

function whyNot(needed: string, { role, companyId }: SignedIn): string {
  if (role === 'viewer' && needed !== 'viewer')
    return 'You are signed in as a viewer, who cannot change anything.';
  if (companyId !== null) return 'This shows all companies. You may see one company only.';
  return `This needs the role "${needed}"; yours is "${role}". Ask an admin of the console.`;
}
