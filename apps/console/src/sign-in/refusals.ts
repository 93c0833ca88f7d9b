import type { FastifyReply, FastifyRequest } from 'fastify';
import { refusal } from '../html/notice.ts';

/** Whether a person looks at the answer, and not a script of Bull Board or a program. */
export function wantsPage(request: FastifyRequest): boolean {
  return request.headers.accept?.includes('text/html') ?? false;
}

/** Responds 403: with a page, or in Bull Board's format, so that its pages show it. @param message says why, and what to do */
export function forbidden(request: FastifyRequest, reply: FastifyReply, message: string): FastifyReply {
  if (wantsPage(request))
    return reply.page({ title: 'Not permitted', status: 403, content: refusal(message) });
  return reply.code(403).send({ error: { key: 'ERRORS.FORBIDDEN' }, message });
}

/** Responds that nobody is signed in: pages lead to the sign-in, and from there back. */
export function unknownPerson(
  request: FastifyRequest,
  reply: FastifyReply,
  signInPath: string,
): FastifyReply {
  // htmx follows this one itself.
  reply.header('hx-redirect', signInPath);
  if (wantsPage(request) && request.method === 'GET')
    return reply.seeOther(`sign-in?${new URLSearchParams({ to: request.url.slice(1) })}`);
  const message = 'You are not signed in, or your session has ended. Sign in on the page /sign-in.';
  return reply.code(401).send({ message });
}
