import { saysAway } from '@live-feed/database/connection/trouble';
import { InputError, Refusal } from '@live-feed/operations/refusal';
import type { FastifyError, FastifyInstance, FastifyReply } from 'fastify';
import { ZodError } from 'zod';
import { formAgain, formPageOf, type Refused, readFormPages } from '../html/form-again.ts';
import { refusal } from '../html/notice.ts';
import { pageThatHelps } from '../operations/pages-that-help.ts';
import { DATABASE_AWAY, REFUSAL_STATUS } from '../operations/refusal-status.ts';
import { isReading } from '../sign-in/access.ts';
import { forbidden, wantsPage } from '../sign-in/refusals.ts';

/** What people see where there is no page, or a page or a change fails: why, and what to do. Programs get JSON. */
export function explainFailures(app: FastifyInstance, basePath: string): void {
  app.setNotFoundHandler((request, reply) => {
    if (!isReading(request.method))
      return forbidden(request, reply, 'There is nothing here that can be changed.');
    if (!wantsPage(request)) return reply.code(404).send({ error: 'There is nothing here.' });
    const content = refusal('There is nothing here.', { href: './', text: 'Overview' });
    return reply.page({ title: 'Not found', status: 404, content });
  });

  readFormPages(app);
  app.setErrorHandler(async (error: FastifyError | Refusal | InputError | ZodError, request, reply) => {
    const { status, message } = toldOf(error);
    if (!wantsPage(request)) return reply.code(status).send({ message });
    const isRefused = error instanceof Refusal || error instanceof InputError;
    if (isRefused && !isReading(request.method)) {
      const again = await formAgain(request, reply, basePath, refusedBy(error));
      return again ?? reply.seeOther(formPageOf(request, basePath), { kind: 'refused', text: message });
    }
    return page(reply, error, status, message);
  });
}

function refusedBy(error: Refusal | InputError): Refused {
  return error instanceof Refusal
    ? { status: REFUSAL_STATUS[error.kind], message: error.message, problems: [] }
    : { status: 422, message: error.message, problems: error.problems };
}

function page(reply: FastifyReply, error: unknown, status: number, message: string): FastifyReply {
  const help =
    error instanceof Refusal && error.see !== undefined ? pageThatHelps(error.see.operation) : undefined;
  const title = status === 404 ? 'Not found' : 'Not done';
  return reply.page({ title, status, content: refusal(message, help) });
}

/** What people are told of an error, with its status: of those that nobody foresaw nothing. */
export function toldOf(error: Error): { readonly status: number; readonly message: string } {
  if (error instanceof Refusal) return { status: REFUSAL_STATUS[error.kind], message: error.message };
  if (error instanceof InputError) return { status: 400, message: error.message };
  // An address or a body that no page of the console makes.
  if (error instanceof ZodError) {
    return {
      status: 400,
      message: 'The console cannot read this request. Begin anew on the page that it is from.',
    };
  }
  if (saysAway(error)) return { status: 503, message: DATABASE_AWAY };
  const { statusCode: status = 500 } = error as Partial<FastifyError>;
  if (status < 500) return { status, message: error.message };
  return { status, message: 'This did not work. Try again; the log of the console says why it failed.' };
}
