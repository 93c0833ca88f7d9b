import { AsyncLocalStorage } from 'node:async_hooks';
import { Readable } from 'node:stream';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Content } from './html.ts';
import { localPath } from './local-path.ts';
import type { Flash } from './notice.ts';
import { FORM_PAGE, type RefusedForm, refill } from './refused-form.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** The page that a sent form says it is on, relative to the console. */
    formPage: string | null;
  }
}

export interface Refused {
  readonly status: number;
  /** For people. */
  readonly message: string;
  readonly problems: RefusedForm['problems'];
}

/** While the page of a refused form is rendered once more. */
interface Again extends Refused {
  readonly form: RefusedForm;
  isThere: boolean;
}

const rendering = new AsyncLocalStorage<Again>();

/** Takes from a sent form what it says of its page, and keeps to pages what is shown once more. */
export function readFormPages(app: FastifyInstance): void {
  app.decorateRequest('formPage', null);
  app.addHook('preHandler', async (request) => {
    const { body } = request;
    if (typeof body !== 'object' || body === null || !(FORM_PAGE in body)) return;
    request.formPage = localPath(body[FORM_PAGE]);
    delete body[FORM_PAGE];
  });
  // A form may name an address that is no page: a file would be read into memory, and what is live never ends.
  app.addHook('onSend', async (_request, _reply, payload) => {
    if (rendering.getStore() === undefined || !(payload instanceof Readable)) return payload;
    payload.destroy();
    return '';
  });
}

/** The page that a form was on, relative to the console; the first page if the browser does not say. */
export function formPageOf({ formPage, headers }: FastifyRequest, basePath: string): string {
  const from = headers.referer;
  if (formPage !== null) return formPage;
  if (from === undefined || !URL.canParse(from)) return '';
  const { pathname, search } = new URL(from);
  return pathname.startsWith(basePath) ? localPath(`${pathname.slice(basePath.length)}${search}`) : '';
}

/**
 * Shows the page that a refused form is on once more, with what was typed: it is read as the same person would.
 *
 * @returns undefined if that page has no such form
 */
export async function formAgain(
  request: FastifyRequest,
  reply: FastifyReply,
  basePath: string,
  refused: Refused,
): Promise<FastifyReply | undefined> {
  const { body, headers, socket } = request;
  if (typeof body !== 'object' || body === null) return undefined;
  const action = request.url.replace(/\?.*$/, '').slice(1);
  const again: Again = {
    ...refused,
    form: { action, sent: body as RefusedForm['sent'], problems: refused.problems },
    isThere: false,
  };
  const { 'content-type': _, 'content-length': __, 'transfer-encoding': ___, ...kept } = headers;
  // `inject` begins when it is awaited, which has to be inside.
  const response = await rendering.run(
    again,
    async () =>
      await request.server.inject({
        ...{ method: 'GET', url: `${basePath}${formPageOf(request, basePath)}`, headers: kept },
        ...(socket.remoteAddress === undefined ? {} : { remoteAddress: socket.remoteAddress }),
      }),
  );
  if (!again.isThere) return undefined;
  return reply
    .code(response.statusCode)
    .header('content-type', response.headers['content-type'])
    .send(response.body);
}

/** What of a page changes if a refused form of it is shown once more. @param path of the page, relative to the console */
export function shownAgain(
  content: Content,
  path: string,
): { readonly content: Content; readonly status: number; readonly flash: Flash } | undefined {
  const again = rendering.getStore();
  const refilled = again === undefined ? undefined : refill(content, again.form, path);
  if (again === undefined || refilled === undefined) return undefined;
  again.isThere = true;
  return { content: refilled, status: again.status, flash: { kind: 'refused', text: again.message } };
}
