import type { FastifyError, FastifyInstance } from 'fastify';
import { refusal } from '../html/notice.ts';
import { isReading } from '../sign-in/access.ts';
import { forbidden, wantsPage } from '../sign-in/refusals.ts';

/** What people see where there is no page, or a page fails: why, and what to do. Programs get JSON. */
export function explainFailures(app: FastifyInstance): void {
  app.setNotFoundHandler((request, reply) => {
    if (!isReading(request.method))
      return forbidden(request, reply, 'There is nothing here that can be changed.');
    if (!wantsPage(request)) return reply.code(404).send({ error: 'There is nothing here.' });
    const content = refusal('There is nothing here.', { href: './', text: 'Overview' });
    return reply.page({ title: 'Not found', status: 404, content });
  });

  app.setErrorHandler((error: FastifyError, request, reply) => {
    const status = error.statusCode ?? 500;
    const message =
      status < 500
        ? error.message
        : 'This did not work. Try again; the log of the console says why it failed.';
    if (!wantsPage(request)) return reply.code(status).send({ message });
    return reply.page({ title: 'Not done', status, content: refusal(message) });
  });
}
