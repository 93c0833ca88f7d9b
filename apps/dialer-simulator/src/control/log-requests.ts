/** Hooks that write every request to a dialing system into the request log, unchanged. */
import type { FastifyInstance } from 'fastify';
import type { LoggedRequest, RequestLog } from './request-log.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Null for a request to the simulator's own API. */
    logged: LoggedRequest | null;
  }
}

/** Replaces the JSON parser, to keep the exact text of a body, valid JSON or not. */
export function logRequests(
  app: FastifyInstance,
  requests: RequestLog,
  controlPrefix: string,
  clock: () => number,
): void {
  app.decorateRequest('logged', null);
  app.addHook('onRequest', async (request) => {
    if (request.url.startsWith(controlPrefix)) return;
    const { method, url, headers } = request;
    request.logged = requests.add({ atMs: clock(), method, url, headers });
  });
  app.removeContentTypeParser('application/json');
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body, done) => {
    const text = body.toString();
    if (request.logged !== null) requests.addBody(request.logged, text);
    try {
      done(null, JSON.parse(text));
    } catch {
      done(Object.assign(new Error('The body is not JSON'), { statusCode: 400 }), undefined);
    }
  });
}
