import type { IncomingMessage, ServerResponse } from 'node:http';
import type { FastifyInstance } from 'fastify';
import { ApiError } from '../answers/api-error.ts';
import { endWith } from './broken-requests.ts';

/** Checks every request, whatever its path, before its body is read. To be called before any route is added. */
export function checkRequests(app: FastifyInstance): void {
  const methodsOf = followRoutes(app);

  app.addHook('onRequest', async (request) => {
    const { httpVersion, headers } = request.raw;
    if (httpVersion === '1.1' && headers.host === undefined) {
      throw new ApiError('MALFORMED_REQUEST', { about: 'it has no Host header (RFC 9112, section 3.2)' });
    }
    if (request.is404) throw notFound(methodsOf(pathOf(request.url)));
  });
  inviteBodies(app);
  // CONNECT, from clients that take us for a proxy. Without this Node would hang up.
  app.server.on('connect', (_request, socket) => {
    socket.on('error', () => socket.destroy());
    endWith(socket, methodNotAllowed(['POST']));
  });
}

function notFound(methods: readonly string[]): ApiError {
  if (methods.length > 0) return methodNotAllowed(methods);
  return new ApiError('NOT_FOUND');
}

function methodNotAllowed(methods: readonly string[]): ApiError {
  const allow = methods.join(', ');
  return new ApiError('METHOD_NOT_ALLOWED', { about: allow, headers: { allow } });
}

/** @returns the methods of the routes that match a path */
function followRoutes(app: FastifyInstance): (path: string) => string[] {
  const routes: { readonly pattern: string; readonly methods: readonly string[] }[] = [];
  app.addHook('onRoute', ({ url, method }) => {
    routes.push({ pattern: url, methods: [method].flat() });
  });
  return (path) => [
    ...new Set(routes.flatMap(({ pattern, methods }) => (matches(pattern, path) ? methods : []))),
  ];
}

function matches(pattern: string, path: string): boolean {
  const given = path.split('/');
  const wanted = pattern.split('/');
  return (
    wanted.length === given.length && wanted.every((part, at) => part.startsWith(':') || part === given[at])
  );
}

function pathOf(url: string): string {
  return url.split('?', 1)[0] ?? url;
}

/**
 * Invites a client that sends `Expect: 100-continue` to send its body once its key has been checked; Node by itself would do so before.
 * Other expectations are ignored (RFC 9110, section 10.1.1, allows that).
 */
function inviteBodies(app: FastifyInstance): void {
  const waiting = new WeakSet<IncomingMessage>();
  const handle = (request: IncomingMessage, response: ServerResponse) =>
    app.server.emit('request', request, response);
  app.server.on('checkExpectation', handle);
  app.server.on('checkContinue', (request, response) => {
    waiting.add(request);
    handle(request, response);
  });
  app.addHook('preParsing', async (request, reply) => {
    if (waiting.has(request.raw)) reply.raw.writeContinue();
  });
}
