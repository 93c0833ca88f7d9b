import type { FastifyInstance } from 'fastify';
import type { RequestLog } from '../control/request-log.ts';

/** Parses form bodies, which only calls that sign in have. The log has the names of their fields: the values are secrets. */
export function acceptForms(app: FastifyInstance, requests: RequestLog): void {
  app.addContentTypeParser(
    'application/x-www-form-urlencoded',
    { parseAs: 'string' },
    (request, body, done) => {
      const form = Object.fromEntries(new URLSearchParams(body.toString()));
      if (request.logged !== null) {
        requests.addBody(
          request.logged,
          Object.keys(form)
            .map((name) => `${name}=***`)
            .join('&'),
        );
      }
      done(null, form);
    },
  );
}
